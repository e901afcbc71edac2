package cli

import (
	"path/filepath"
)

// paths are the places in the data folder that the command line knows.
type paths struct {
	dir        string
	socket     string
	log        string // what a background daemon says
	spawnLock  string // held while a daemon is started
	daemonLock string // held by the daemon while it lives
}

func (s *shell) paths() (paths, error) {
	dir := s.dataFlag
	return paths{
		dir: dir, socket: filepath.Join(dir, "daemon.sock"), log: filepath.Join(dir, "serve.log"),
		spawnLock: filepath.Join(dir, "spawn.lock"), daemonLock: filepath.Join(dir, "daemon.lock"),
	}, nil
}
