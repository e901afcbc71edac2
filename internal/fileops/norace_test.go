//go:build !race

package fileops

const thin = 1
