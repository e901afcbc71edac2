//go:build !linux

package watch

// Notifier watches folders by the trees that they stand in.
type Notifier struct{ *tree }

// New starts a Notifier. The caller must Close it.
//
// Errors: errs.Unsupported where this system has nothing that tells of changes.
func New(tell Told) (*Notifier, error) {
	sys, err := newSystem()
	if err != nil {
		return nil, err
	}
	return &Notifier{newTree(sys, tell)}, nil
}
