package device

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/stardrive/stardrive/internal/durable"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/secret"
)

// The key file is text: words for people, then the key as PKCS #8 in PEM, which
// openssl pkey and every TLS library read.
const (
	keyWords = "This is the private key of a Stardrive device. Whoever holds it is this device:\n" +
		"never give it away and never put it on a second machine.\n\n"
	keyType    = "PRIVATE KEY"
	maxKeyFile = 64 << 10
)

// loadKey reads the key file; errs.NotFound if there is none.
func loadKey(path string) (Signer, error) {
	b, err := readPrivate(path)
	if err != nil {
		return Signer{}, err
	}
	defer clear(b)
	key, err := parseKey(b)
	if err != nil {
		return Signer{}, errs.New(errs.Invalid, "the device's key file is damaged: %w", err).At(path).
			Try(fmt.Sprintf("Restore it from a backup, or move %s and %s away to start as a new device.", KeyFile, InfoFile))
	}
	return key, nil
}

func parseKey(b []byte) (Signer, error) {
	block, rest := pem.Decode(b)
	if block == nil {
		return Signer{}, errors.New("no PEM block in it")
	}
	defer clear(block.Bytes)
	if block.Type != keyType || len(block.Headers) > 0 || len(bytes.TrimSpace(rest)) > 0 {
		return Signer{}, errors.New("not one plain private key")
	}
	any, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return Signer{}, errors.New("the key in it cannot be read") // the cause could quote it
	}
	key, ok := any.(ed25519.PrivateKey)
	if !ok {
		return Signer{}, errors.New("the key in it is not Ed25519")
	}
	return newSigner(key), nil
}

func newSigner(key ed25519.PrivateKey) Signer {
	return Signer{public: key.Public().(ed25519.PublicKey), seed: secret.New(string(key.Seed()))}
}

// readPrivate reads a file that nobody else may read. Anything but a regular
// file is refused before it is opened: a FIFO would block.
func readPrivate(path string) ([]byte, error) {
	before, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errs.New(errs.NotFound, "%w", err)
	}
	if err != nil {
		return nil, errs.New(errs.KindOf(err), "%w", err).At(path)
	}
	if !before.Mode().IsRegular() {
		return nil, errs.New(errs.Invalid, "the device's key must be a regular file").At(path).
			Try("Put the file itself there, not a link to it.")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, errs.New(errs.KindOf(err), "%w", err).At(path).Try("Make the key file readable for you.")
	}
	defer f.Close()
	fi, err := f.Stat()
	switch {
	case err != nil:
		return nil, errs.New(errs.KindOf(err), "%w", err).At(path)
	case !os.SameFile(before, fi):
		return nil, errs.New(errs.Conflict, "the key file was replaced just now").At(path)
	case runtime.GOOS != "windows" && fi.Mode().Perm()&0o077 != 0:
		return nil, errs.New(errs.Denied, "others may read the device's key (mode %04o)", fi.Mode().Perm()).At(path).
			Try(fmt.Sprintf("Run: chmod 600 '%s'. If somebody else may have read it, start as a new device.", path))
	case fi.Size() > maxKeyFile:
		return nil, errs.New(errs.Invalid, "the device's key file is damaged: it is far too long").At(path)
	}
	b := make([]byte, fi.Size())
	if n, err := f.ReadAt(b, 0); n != len(b) {
		return nil, errs.New(errs.KindOf(err), "%w", err).At(path)
	}
	return b, nil
}

// makeKey makes a key and stores it, unless another process was faster: then the
// key is the other's.
func makeKey(path string) (Signer, error) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return Signer{}, errs.New(errs.Internal, "make a key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return Signer{}, errs.New(errs.Internal, "write the key: %w", err)
	}
	defer clear(der)
	text := append([]byte(keyWords), pem.EncodeToMemory(&pem.Block{Type: keyType, Bytes: der})...)
	defer clear(text)
	switch err := durable.Create(path, text); {
	case errors.Is(err, fs.ErrExist):
		return loadKey(path)
	case err != nil:
		return Signer{}, errs.New(errs.KindOf(err), "store the device's key: %w", err).At(path).
			Try("Make the data folder " + filepath.Dir(path) + " writable, with some space left.")
	}
	return newSigner(key), nil
}
