package action

import "testing"

func TestACursorIsWhatWasGivenOut(t *testing.T) {
	for _, want := range []cursor{0, 1, 1 << 40} {
		b, err := want.MarshalText()
		var got cursor
		if err == nil {
			err = got.UnmarshalText(b)
		}
		if err != nil || got != want {
			t.Errorf("%d came back as %d: %v", want, got, err)
		}
	}
	for _, bad := range []string{"0", "-1", "x", "1 ", "99999999999999999999"} {
		if err := new(cursor).UnmarshalText([]byte(bad)); err == nil {
			t.Errorf("%q is taken for a cursor", bad)
		}
	}
}
