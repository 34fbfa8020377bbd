package openapi

import (
	"bytes"
	"encoding/json"
)

// members is a JSON object whose members keep the order in which they were
// first set. The zero value is empty and ready.
type members[V any] struct {
	names  []string
	values map[string]V
}

func (m *members[V]) set(name string, value V) {
	if m.values == nil {
		m.values = make(map[string]V)
	}
	if _, known := m.values[name]; !known {
		m.names = append(m.names, name)
	}
	m.values[name] = value
}

// IsZero reports whether there are no members: the encoder leaves out such an
// object.
func (m members[V]) IsZero() bool { return len(m.names) == 0 }

// MarshalJSON implements json.Marshaler.
func (m members[V]) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b) // ends each value with a newline, which the outer encoder drops
	e.SetEscapeHTML(false)
	b.WriteByte('{')
	for i, name := range m.names {
		if i > 0 {
			b.WriteByte(',')
		}
		if err := e.Encode(name); err != nil {
			return nil, err
		}
		b.WriteByte(':')
		if err := e.Encode(m.values[name]); err != nil {
			return nil, err
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}
