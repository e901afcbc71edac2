package index

import "github.com/stardrive/stardrive/internal/ident"

// ScanArgs are the arguments of the job that scans a location.
func ScanArgs(id ident.LocationID) any { return scanArgs{id} }
