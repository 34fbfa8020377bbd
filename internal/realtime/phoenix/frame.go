package phoenix

import (
	"encoding/json"
	"slices"
)

// Frame is one WebSocket message to a client.
type Frame struct {
	Binary bool
	Data   []byte
}

// Text writes a message whose payload is JSON already. Empty references are null.
func Text(v Version, joinRef, ref json.RawMessage, topic, event string, payload []byte) Frame {
	b := make([]byte, 0, len(topic)+len(event)+len(payload)+len(joinRef)+len(ref)+80)
	if v == Objects {
		b = append(append(b, `{"topic":`...), text(topic)...)
		b = append(append(b, `,"event":`...), text(event)...)
		b = append(append(b, `,"payload":`...), payload...)
		b = append(append(b, `,"ref":`...), orNull(ref)...)
		b = append(append(b, `,"join_ref":`...), orNull(joinRef)...)
		return Frame{Data: append(b, '}')}
	}
	b = append(append(b, '['), orNull(joinRef)...)
	b = append(append(b, ','), orNull(ref)...)
	b = append(append(b, ','), text(topic)...)
	b = append(append(b, ','), text(event)...)
	b = append(append(b, ','), payload...)
	return Frame{Data: append(b, ']')}
}

// Reply answers a message of a client. response is JSON.
func Reply(v Version, joinRef, ref json.RawMessage, topic, status string, response []byte) Frame {
	payload := slices.Concat([]byte(`{"status":`), text(status), []byte(`,"response":`), response, []byte(`}`))
	return Text(v, joinRef, ref, topic, "phx_reply", payload)
}

// Frame writes the broadcast. ok is false where the version has no form for it.
func (b *Broadcast) Frame(v Version, topic string) (f Frame, ok bool) {
	short := len(topic) <= MaxName && len(b.Event) <= MaxName && len(b.Meta) <= MaxName
	if v == Arrays && short && b.Meta == nil {
		return b.binary(topic), true
	}
	if b.Binary {
		return b.binary(topic), v == Arrays && short
	}
	payload := slices.Concat([]byte(`{"type":"broadcast","event":`), text(b.Event), []byte(`,"payload":`), b.Body)
	if b.Meta != nil {
		payload = slices.Concat(payload, []byte(`,"meta":`), b.Meta)
	}
	return Text(v, nil, nil, topic, "broadcast", append(payload, '}')), true
}

func (b *Broadcast) binary(topic string) Frame {
	encoding := byte(1)
	if b.Binary {
		encoding = 0
	}
	head := []byte{broadcast, byte(len(topic)), byte(len(b.Event)), byte(len(b.Meta)), encoding}
	return Frame{Binary: true, Data: slices.Concat(head, []byte(topic), []byte(b.Event), b.Meta, b.Body)}
}

// text is a JSON string.
func text(s string) []byte {
	b, err := json.Marshal(s)
	if err != nil {
		return []byte(`""`) // cannot be: any string can be written
	}
	return b
}

func orNull(ref json.RawMessage) []byte {
	if len(ref) == 0 {
		return []byte("null")
	}
	return ref
}
