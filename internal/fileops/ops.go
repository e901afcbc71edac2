package fileops

import (
	"context"

	"github.com/stardrive/stardrive/internal/action"
	"github.com/stardrive/stardrive/internal/op"
)

// Ops is this domain's table of operations. Those that change files make plans
// and change nothing; plan.commit does.
func (s *Service) Ops() []op.Def {
	return []op.Def{
		plan[MkdirIn](s, "files.mkdir", "Plan to make a folder", "stardrive mkdir ~/Photos/2026"),
		plan[CreateIn](s, "files.create", "Plan to make an empty file", "stardrive files create ~/notes.txt"),
		plan[RenameIn](s, "files.rename", "Plan to rename a file or folder", "stardrive rename ~/Photos/IMG_1.jpg beach.jpg"),
		plan[BatchRenameIn](s, "files.batch_rename", "Plan to rename many files by a pattern", "stardrive files batch-rename --find IMG_ --replace beach- ~/Photos/IMG_1.jpg"),
		plan[CopyIn](s, "files.copy", "Plan to copy files and folders", "stardrive cp ~/Photos /media/backup"),
		plan[MoveIn](s, "files.move", "Plan to move files and folders", "stardrive mv ~/Downloads/beach.jpg ~/Photos"),
		plan[DuplicateIn](s, "files.duplicate", "Plan to copy files and folders beside themselves", "stardrive files duplicate ~/notes.txt"),
		plan[TrashIn](s, "files.trash", "Plan to move files and folders to the trash", "stardrive rm ~/Downloads/old.zip"),
		plan[DestroyIn](s, "files.destroy", "Plan to delete files and folders for good", "stardrive rm --permanent ~/Downloads/old.zip"),
		plan[LinkIn](s, "files.link", "Plan to link files", "stardrive ln ~/Photos ~/Desktop"),
		plan[ChmodIn](s, "files.chmod", "Plan to change access rights", "stardrive files chmod --mode 644 ~/notes.txt"),
		plan[TouchIn](s, "files.touch", "Plan to change the time of the last change", "stardrive files touch ~/notes.txt"),
		plan[DedupeIn](s, "files.dedupe", "Plan to free the room that files take which hold the same bytes", "stardrive dedupe in:~/Photos --how trash"),
		plan[CompressIn](s, "files.compress", "Plan to pack files and folders into an archive", "stardrive files compress --destination ~/photos.zip ~/Photos"),
		plan[ExtractIn](s, "files.extract", "Plan to unpack an archive into a new folder", "stardrive files extract ~/photos.zip"),
		op.NewCommand("files.limit", "Bound how many bytes a second copying writes, of all plans together", s.opLimit, op.Example("stardrive files limit 20000000")),
		op.NewQuery("files.download", "Prepare an archive of files and folders, to be fetched", s.download, op.Example("stardrive files download ~/Photos/2024")),
		op.NewQuery("trash.list", "List the trash, what was deleted last first", s.trashList, op.Example("stardrive trash list")),
		plan[RestoreIn](s, "trash.restore", "Plan to bring things back from the trash", "stardrive trash restore ~/Downloads/old.zip"),
		plan[EmptyIn](s, "trash.empty", "Plan to destroy what is in the trash", "stardrive trash empty --days 30"),
	}
}

// plan is an operation that makes a plan of the action of the same name.
func plan[In any](s *Service, name, title, example string) op.Def {
	return op.NewAction(name, title, func(ctx context.Context, in In) (action.Plan, error) {
		return s.plans.Propose(ctx, action.Request{Action: name, Args: in}, action.User)
	}, op.Example(example))
}
