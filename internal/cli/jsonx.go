package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
)

// member is one field of a JSON object, in the order it was written.
type member struct {
	key   string
	value json.RawMessage
}

// members splits a JSON object without losing the order of its fields.
func members(object json.RawMessage) ([]member, error) {
	dec := json.NewDecoder(bytes.NewReader(object))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil, errors.Join(errors.New("not a JSON object"), err)
	}
	var all []member
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return nil, err
		}
		m := member{key: key.(string)} // the decoder allows only strings here
		if err := dec.Decode(&m.value); err != nil {
			return nil, err
		}
		all = append(all, m)
	}
	return all, nil
}

// join is the inverse of members.
func join(all []member) json.RawMessage {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range all {
		if i > 0 {
			b.WriteByte(',')
		}
		key, _ := json.Marshal(m.key)
		b.Write(key)
		b.WriteByte(':')
		b.Write(m.value)
	}
	b.WriteByte('}')
	return b.Bytes()
}

// with returns object with the field key set to value, in place or at the end.
func with(object json.RawMessage, key string, value json.RawMessage) (json.RawMessage, error) {
	all, err := members(object)
	if err != nil {
		return nil, err
	}
	for i := range all {
		if all[i].key == key {
			all[i].value = value
			return join(all), nil
		}
	}
	return join(append(all, member{key, value})), nil
}

// field returns one field of object, nil if it has none.
func field(object json.RawMessage, key string) json.RawMessage {
	all, err := members(object)
	if err != nil {
		return nil
	}
	for _, m := range all {
		if m.key == key {
			return m.value
		}
	}
	return nil
}

func isObject(v json.RawMessage) bool { return strings.HasPrefix(string(bytes.TrimSpace(v)), "{") }
func isList(v json.RawMessage) bool   { return strings.HasPrefix(string(bytes.TrimSpace(v)), "[") }
