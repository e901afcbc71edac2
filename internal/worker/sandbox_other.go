//go:build !linux

package worker

// closeIn does what can be done here: the watch on the memory is in serve.
func closeIn(int64) []Wall { return []Wall{wall("memory", nil), wall("low priority", lower())} }
