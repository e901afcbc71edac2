package upload

import (
	"context"
	"encoding/hex"
	"time"

	"github.com/stardrive/stardrive/internal/fileops"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/op"
)

// FileIn is a file that is to come, or a folder.
type FileIn struct {
	Path     string `json:"path" jsonschema:"below the folder, with / between names"`
	Size     int64  `json:"size,omitempty" min:"0" jsonschema:"bytes"`
	Modified int64  `json:"modified,omitempty" jsonschema:"when it was changed last, in ms since 1970; 0: not told"`
	Folder   bool   `json:"folder,omitempty" jsonschema:"it is a folder; those that files are in need not be told"`
	Anew     bool   `json:"anew,omitempty" jsonschema:"what has come of it is not of this file: it begins anew"`
}

// TypeName is what clients call the type.
func (FileIn) TypeName() string { return "UploadFile" }

// BeginIn says where files are to come.
type BeginIn struct {
	Into  string   `json:"into" cli:"1" jsonschema:"the folder: SdPath or OS path"`
	Files []FileIn `json:"files,omitempty" cli:"-" jsonschema:"some of what is to come: an upload into the folder that stopped and knows one of them goes on"`
}

// BeginOut is an upload.
type BeginOut struct {
	Upload  int64 `json:"upload" jsonschema:"its number"`
	Chunk   int64 `json:"chunk" jsonschema:"bytes of a piece; only the last of a file is shorter"`
	Resumed bool  `json:"resumed" jsonschema:"it was begun before"`
}

// AddIn tells of files that are to come.
type AddIn struct {
	Upload int64    `json:"upload" cli:"1" jsonschema:"number of the upload"`
	Files  []FileIn `json:"files" cli:"-" jsonschema:"the files, some hundred at once"`
}

// FileState is how far a file has come.
type FileState struct {
	Path    string `json:"path" jsonschema:"as it was told"`
	File    int64  `json:"file" jsonschema:"its number in the upload; 0 when it is refused"`
	Got     int64  `json:"got" jsonschema:"bytes that are there: the next piece begins here"`
	Done    bool   `json:"done" jsonschema:"all of it is there and was read back"`
	Refused string `json:"refused,omitempty" jsonschema:"why it cannot be taken"`
}

// TypeName is what clients call the type.
func (FileState) TypeName() string { return "UploadFileState" }

// AddOut tells how far they have come.
type AddOut struct {
	Items []FileState `json:"items" jsonschema:"in the order of the files"`
}

// SumsIn names a file of an upload.
type SumsIn struct {
	Upload int64 `json:"upload" cli:"1" jsonschema:"number of the upload"`
	File   int64 `json:"file" cli:"2" jsonschema:"number of the file"`
}

// SumsOut are the checksums of what has come of it.
type SumsOut struct {
	Sums []string `json:"sums" jsonschema:"SHA-256 of each piece, in order"`
}

// WhichIn names an upload.
type WhichIn struct {
	Upload int64 `json:"upload" cli:"1" jsonschema:"number of the upload"`
}

// FinishIn ends an upload.
type FinishIn struct {
	Upload   int64          `json:"upload" cli:"1" jsonschema:"number of the upload"`
	Conflict fileops.Policy `json:"conflict,omitempty" jsonschema:"where something of that name is there already: ask (default), skip, keep-both, replace (the old one goes to the trash), newer, larger"`
	Without  bool           `json:"without,omitempty" jsonschema:"leave out files that have not come whole"`
}

// View is an upload that has not ended.
type View struct {
	Upload  int64        `json:"upload" jsonschema:"its number"`
	Into    string       `json:"into" jsonschema:"SdPath of the folder; empty while its volume is offline"`
	Files   int64        `json:"files" jsonschema:"files in it"`
	Done    int64        `json:"done" jsonschema:"of these, the ones that are there"`
	Bytes   int64        `json:"bytes" jsonschema:"their size"`
	Got     int64        `json:"got" jsonschema:"of these, the ones that are there"`
	Plan    ident.PlanID `json:"plan,omitempty" jsonschema:"the plan that gives them their names"`
	Begun   time.Time    `json:"begun" jsonschema:"when"`
	Changed time.Time    `json:"changed" jsonschema:"when something came last"`
}

// TypeName is what clients call the type.
func (View) TypeName() string { return "Upload" }

// ListOut are the uploads that have not ended.
type ListOut struct {
	Items []View `json:"items" jsonschema:"the oldest first"`
}

// Ops is the table of operations.
func (s *Service) Ops() []op.Def {
	return []op.Def{
		op.NewCommand("upload.begin", "Begin an upload into a folder", s.begin, op.Example("stardrive upload begin ~/Photos")),
		op.NewCommand("upload.add", "Tell an upload of files that are to come", s.add, op.Example("stardrive upload add 3")),
		op.NewQuery("upload.sums", "Show checksums of what has come of a file", s.sumsOp, op.Example("stardrive upload sums 3 1")),
		op.NewAction("upload.finish", "Plan to give what was uploaded its names", s.finish, op.Example("stardrive upload finish 3")),
		op.NewQuery("upload.list", "List uploads that have not ended", s.list, op.Example("stardrive upload list")),
		op.NewCommand("upload.discard", "Give an upload up; what has come of it goes", s.discard, op.Example("stardrive upload discard 3")),
	}
}

func (s *Service) sumsOp(ctx context.Context, in SumsIn) (out SumsOut, err error) {
	all, err := s.sums(ctx, in.Upload, in.File)
	out.Sums = make([]string, len(all))
	for i := range all {
		out.Sums[i] = hex.EncodeToString(all[i][:])
	}
	return out, err
}

func (s *Service) list(ctx context.Context, _ struct{}) (out ListOut, err error) {
	out.Items = []View{}
	if err := s.tidy(ctx); err != nil {
		return out, err
	}
	all, err := s.all(ctx)
	for i := range all {
		if err != nil {
			return out, err
		}
		r := &all[i]
		var t totals
		t, err = s.totals(ctx, r.id)
		v := View{
			Upload: r.id, Files: t.files, Done: t.done, Bytes: t.bytes, Got: t.got, Plan: r.plan,
			Begun: time.Unix(0, r.created).UTC(), Changed: time.Unix(0, r.changed).UTC(),
		}
		if site, e := s.o.Volumes.Site(ctx, r.volume); e == nil {
			v.Into = site.Ground.SdPath(r.folder).String()
		}
		out.Items = append(out.Items, v)
	}
	return out, err
}
