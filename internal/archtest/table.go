package archtest

// House is where every package of Stardrive stands. A new package goes in here
// first; a room that is listed but not built yet does no harm.
func House() Table {
	return Table{
		Floors: []Floor{
			{Name: "ground", Rooms: in("internal/", "errs", "ident", "hlc", "sdpath", "durable", "collate", "filekind", "secret")},
			{Name: "engines", Rooms: in("internal/", "vfs", "store", "schema", "op", "action", "job", "event", "svc", "giveway", "config", "embed", "worker")},
			{Name: "catalog", Rooms: in("internal/", "catalog")},
			{Name: "domains", Rooms: in("internal/", "library", "device", "volumes", "index", "content", "media", "search",
				"organize", "fileops", "replica", "peers", "clouds", "extension", "access", "browse")},
			{Name: "drivers", Rooms: in("internal/driver/", "local", "cloud", "peer", "watch"), Sees: []string{"ground", "internal/vfs"}},
			{Name: "adapters", Rooms: in("internal/", "p2p", "wasm", "extract"), Sees: []string{"ground", "engines", "catalog", "domains"}},
			{Name: "faces", Rooms: in("internal/", "httpapi", "cli", "webui", "gen", "exthost", "webdav", "fuse", "mcp"),
				Sees: []string{"ground", "engines"}},
			{Name: "app", Rooms: in("internal/", "app")},
			{Name: "cmd", Rooms: []string{"cmd", "tools"}},
			{Name: "test", Rooms: []string{"internal/archtest", "test"}},
		},
		Siblings: []Sibling{
			{"internal/sdpath", "internal/errs", "a path that cannot be parsed is errs.Invalid"},
			{"internal/sdpath", "internal/ident", "a path names devices and contents by id"},
			{"internal/ident", "internal/errs", "an id that cannot be parsed is errs.Invalid"},
			{"internal/filekind", "internal/errs", "a table of kinds that is wrong is errs.Invalid"},
			{"internal/schema", "internal/store", "a schema is a list of store.Migration"},
			{"internal/job", "internal/store", "a checkpoint and the work it covers are one transaction"},
			{"internal/action", "internal/store", "plans and journals are tables"},
			{"internal/action", "internal/job", "a plan is committed by a job, and its journal is written with the job's checkpoints"},
			{"internal/action", "internal/op", "plans are shown, committed and undone by operations"},
			{"internal/job", "internal/op", "jobs are listed, paused and cancelled by operations"},
		},
		TestOnly: []Rule{
			{"internal/vfs/memfs", "a volume in memory, for tests"},
			{"internal/vfs/faultfs", "fails on purpose"},
			{"internal/vfs/vfstest", "a test suite"},
			{"internal/job/jobtest", "a test suite"},
		},
		NoTests: []Rule{
			{"internal/app", "tests of the whole stand in test/, or in app itself"},
		},
	}
}

func in(prefix string, names ...string) []string {
	rooms := make([]string, len(names))
	for i, n := range names {
		rooms[i] = prefix + n
	}
	return rooms
}
