package rules

// PresetTable is a named table of patterns. The names hold only what programs
// make and can make again; what a person may have made stays out.
type PresetTable struct {
	Name     string   `json:"name" jsonschema:"the value of a rule of kind preset"`
	Words    string   `json:"words" jsonschema:"what it names, for people"`
	Patterns []string `json:"patterns" jsonschema:"in the syntax of gitignore, relative to the location's root"`
}

// Presets returns every preset. The result belongs to the caller.
func Presets() []PresetTable {
	return []PresetTable{
		{"system", "trash, and files of operating systems and of Stardrive itself", systemPatterns()},
		{"caches", "caches and temporary files of programs", cachePatterns()},
		{"developer", "packages, caches and build files of developer tools", developerPatterns()},
		{"git", "the folders in which git keeps history", []string{".git"}},
		{"hidden", "entries whose name begins with a dot", []string{".*"}},
	}
}

func findPreset(name string) (PresetTable, bool) {
	for _, p := range Presets() {
		if p.Name == name {
			return p, true
		}
	}
	return PresetTable{}, false
}

func presetNames() []string {
	var names []string
	for _, p := range Presets() {
		names = append(names, p.Name)
	}
	return names
}

func systemPatterns() []string {
	return []string{
		// Stardrive's own: the index must not index itself.
		"*.sdlibrary/",
		// Trash.
		".Trash/", ".Trashes/", ".Trash-[0-9]*/", "**/.local/share/Trash/",
		"$RECYCLE.BIN/", "$Recycle.Bin/", "RECYCLER/", "@Recycle/", `\#recycle/`,
		// File systems and snapshots, which would show every file once more.
		"lost+found/", "/.snapshots/", ".snapshot/", ".zfs/", ".fuse_hidden*", ".nfs[0-9a-f][0-9a-f][0-9a-f][0-9a-f]*",
		// Windows.
		"System Volume Information/", "Thumbs.db", "thumbs.db", "ehthumbs.db", "ehthumbs_vista.db",
		"desktop.ini", "Desktop.ini", "/pagefile.sys", "/hiberfil.sys", "/swapfile.sys", "/DumpStack.log.tmp",
		"/$WinREAgent/", "/$Windows.~BT/", "/$Windows.~WS/", "/Config.Msi/",
		// macOS. The second last holds attributes of the file whose name follows,
		// the last a folder's icon: its name ends in a carriage return.
		".DS_Store", ".fseventsd/", ".Spotlight-V100/", ".TemporaryItems/", ".DocumentRevisions-V100/",
		".VolumeIcon.icns", ".apdisk", ".AppleDouble/", ".AppleDB/", ".AppleDesktop/", "._*", "Icon\r",
		// Storage boxes and desktops.
		"@eaDir/", ".@__thumb/", ".directory",
	}
}

func cachePatterns() []string {
	return []string{
		".cache/", "**/Library/Caches/", ".thumbnails/",
		"**/AppData/Local/Temp/", "**/AppData/Local/CrashDumps/", "**/AppData/Local/D3DSCache/",
		"**/AppData/Local/Microsoft/Windows/INetCache/", "**/AppData/Local/Microsoft/Windows/Explorer/thumbcache_*.db",
		"**/AppData/Local/Packages/*/TempState/", "**/AppData/Local/Packages/*/AC/INetCache/",
		"**/Android/data/*/cache/", "**/.var/app/*/cache/",
		// Browsers, and the programs built of one.
		"**/User Data/*/Cache/", "Cache_Data/", "Code Cache/", "GPUCache/", "ShaderCache/", "GrShaderCache/",
		"GraphiteDawnCache/", "DawnGraphiteCache/", "DawnWebGPUCache/", "DawnCache/", "**/Service Worker/CacheStorage/", "**/Service Worker/ScriptCache/",
		"**/Profiles/*/cache2/", "**/Profiles/*/startupCache/", "**/firefox/*/startupCache/",
		"**/Profiles/*/storage/default/*/cache/", "**/firefox/*/storage/default/*/cache/",
		// Desktop search.
		"**/.local/share/baloo/", "**/.local/share/tracker/", "**/.local/share/gvfs-metadata/",
		".ccache/", "**/.npm/_cacache/", "**/.nv/ComputeCache/",
	}
}

func developerPatterns() []string {
	return []string{
		// JavaScript.
		"node_modules/", "bower_components/", "jspm_packages/", ".npm/", ".pnpm-store/", "**/.yarn/cache/", "**/.yarn/unplugged/",
		".next/", ".nuxt/", ".svelte-kit/", ".parcel-cache/", ".turbo/", ".angular/", ".sass-cache/", ".nyc_output/", ".eslintcache",
		// Python.
		"__pycache__/", "*.pyc", ".venv/", ".tox/", ".nox/", ".mypy_cache/", ".pytest_cache/", ".ruff_cache/", ".hypothesis/",
		".ipynb_checkpoints/", ".eggs/", "*.egg-info/", "**/lib/python*/site-packages/", "**/.conda/pkgs/", "**/miniconda3/pkgs/", "**/anaconda3/pkgs/",
		// Java and its relatives.
		".gradle/", "**/.m2/repository/", "**/.ivy2/cache/", ".bloop/", ".metals/",
		// Rust, Go, C, .NET.
		"**/.cargo/registry/", "**/.cargo/git/", "**/.rustup/toolchains/", "**/go/pkg/mod/", "CMakeFiles/", ".ccache/", ".ccls-cache/",
		".vs/", "**/.nuget/packages/",
		// Others.
		"**/Xcode/DerivedData/", ".dart_tool/", ".pub-cache/", ".stack-work/", "dist-newstyle/", "elm-stuff/", "**/vendor/bundle/",
		".terraform/", ".serverless/", ".zig-cache/",
	}
}
