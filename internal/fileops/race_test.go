//go:build race

package fileops

// thin is how many of the cases that only differ in a number are left out while
// races are looked for, which takes ten times as long.
const thin = 15
