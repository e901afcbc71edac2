// Package script runs the command line and the daemon as users do: scripts in
// testdata/script call the real program, which starts real daemons on private
// data folders. It knows nothing of what is inside.
package script
