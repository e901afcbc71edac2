package worker

// Wall is one of the things that keep a child in.
type Wall struct {
	Name string `cbor:"1,keyasint"` // such as "network"
	Err  string `cbor:"2,keyasint"` // why it does not stand; "" if it does
}

func wall(name string, err error) Wall {
	w := Wall{Name: name}
	if err != nil {
		w.Err = err.Error()
	}
	return w
}
