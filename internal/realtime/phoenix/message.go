// Package phoenix is the wire format of Realtime: messages of Phoenix channels
// in both serializations that clients of Supabase speak.
//
// Version 1.0.0 is one JSON object a message, version 2.0.0 one array
// [join_ref, ref, topic, event, payload], beside which broadcasts travel in a
// binary form of their own. [Decode] reads both, [Frame] writes both.
//
// It never knows the meaning of a message, and holds no connection.
package phoenix

import (
	"bytes"
	"encoding/json"
	"errors"
)

// Version is a serialization, as the parameter "vsn" of the URL names it.
type Version int

const (
	Objects Version = 1 // "1.0.0"
	Arrays  Version = 2 // "2.0.0"
)

// ParseVersion reads "vsn"; clients that name none speak the first.
func ParseVersion(text string) (v Version, ok bool) {
	switch text {
	case "", "1.0.0":
		return Objects, true
	case "2.0.0":
		return Arrays, true
	}
	return 0, false
}

// Message is one message of a client.
type Message struct {
	JoinRef, Ref json.RawMessage // as sent; nil = none
	Topic, Event string
	Payload      json.RawMessage // of any kind; nil = none
	Broadcast    *Broadcast      // instead of Payload, where it came in the binary form
}

// Broadcast is a message of a client or of the database to a topic.
type Broadcast struct {
	Event  string
	Binary bool   // Body is no JSON
	Body   []byte // of any size
	Meta   []byte // a JSON object; nil = none
}

// MaxName is how long a topic or an event may be, in bytes: the binary form
// has one byte for it.
const MaxName = 255

// errShape says that a frame is no message.
var errShape = errors.New("not a message of a channel")

// Decode reads one frame. binary is the kind of the WebSocket message.
//
// Errors: a frame that is no message, a name longer than MaxName.
func Decode(v Version, binary bool, frame []byte) (Message, error) {
	if binary {
		return decodeBinary(frame)
	}
	m, err := decodeText(v, frame)
	if err != nil || len(m.Topic) > MaxName || len(m.Event) > MaxName {
		return Message{}, errShape
	}
	m.JoinRef, m.Ref = known(m.JoinRef), known(m.Ref)
	return m, nil
}

func decodeText(v Version, frame []byte) (m Message, err error) {
	if v == Objects {
		var o struct {
			JoinRef json.RawMessage `json:"join_ref"`
			Ref     json.RawMessage `json:"ref"`
			Topic   string          `json:"topic"`
			Event   string          `json:"event"`
			Payload json.RawMessage `json:"payload"`
		}
		err = json.Unmarshal(frame, &o)
		return Message{JoinRef: o.JoinRef, Ref: o.Ref, Topic: o.Topic, Event: o.Event, Payload: o.Payload}, err
	}
	var parts []json.RawMessage
	if err := json.Unmarshal(frame, &parts); err != nil || len(parts) < 5 {
		return m, errShape
	}
	m = Message{JoinRef: parts[0], Ref: parts[1], Payload: parts[4]}
	return m, errors.Join(json.Unmarshal(parts[2], &m.Topic), json.Unmarshal(parts[3], &m.Event))
}

// longestRef is how long a reference may be that is sent back, in bytes.
const longestRef = 64

// known is a reference that can be sent back: a short text or number.
func known(ref json.RawMessage) json.RawMessage {
	if len(ref) == 0 || len(ref) > longestRef || bytes.Equal(ref, []byte("null")) || ref[0] == '{' || ref[0] == '[' {
		return nil
	}
	return ref
}

// Kinds of binary frames.
const (
	push      = 3 // a client's broadcast
	broadcast = 4 // a broadcast to a client
)

// decodeBinary reads a broadcast: kind, the lengths of five texts, the
// encoding, the texts, the body.
func decodeBinary(frame []byte) (Message, error) {
	const texts = 5 // join_ref, ref, topic, event, metadata
	if len(frame) < texts+2 || frame[0] != push {
		return Message{}, errShape
	}
	rest := frame[texts+2:]
	var parts [texts][]byte
	for i := range parts {
		n := int(frame[1+i])
		if len(rest) < n {
			return Message{}, errShape
		}
		parts[i], rest = rest[:n], rest[n:]
	}
	b := &Broadcast{Event: string(parts[3]), Binary: frame[texts+1] == 0, Body: rest}
	if !b.Binary && !json.Valid(rest) {
		return Message{}, errShape
	}
	return Message{
		JoinRef: quoted(parts[0]), Ref: quoted(parts[1]), Topic: string(parts[2]), Event: "broadcast", Broadcast: b,
	}, nil
}

// quoted is a reference of a binary frame as the JSON text that it is elsewhere.
func quoted(ref []byte) json.RawMessage {
	if len(ref) == 0 {
		return nil
	}
	text, err := json.Marshal(string(ref))
	if err != nil {
		return nil
	}
	return known(text)
}
