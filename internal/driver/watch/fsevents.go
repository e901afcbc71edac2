package watch

import "path/filepath"

// Flags of an FSEvents event that say more than "something changed in this folder".
const (
	fsMustScanSubDirs = 0x01 // changes below were too many, or lost on the way
	fsHistoryDone     = 0x10 // no change: the past has been told
	fsRootChanged     = 0x20 // the root, or a folder above it, is not where it was
	fsMount           = 0x40 // no change of the volume that is watched
	fsUnmount         = 0x80
)

// decodeFSEvents reads what FSEvents tells: folders, with a slash at their end.
func decodeFSEvents(paths []string, flags []uint32) (cs []change) {
	for i, p := range paths {
		switch f := flags[i]; {
		case f&fsHistoryDone != 0, f&(fsMount|fsUnmount) != 0:
		case f&fsRootChanged != 0:
			cs = append(cs, change{over: true})
		case f&fsMustScanSubDirs != 0:
			cs = append(cs, change{lost: true})
		default:
			cs = append(cs, change{folder: filepath.Clean(p)})
		}
	}
	return cs
}
