// Package powercut holds tests only: they take the power from real file systems
// while files are written, and look at what is left.
package powercut
