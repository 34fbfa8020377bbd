package phoenix_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/romashka/sidecar/internal/realtime/phoenix"
)

func TestDecode(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		version phoenix.Version
		binary  bool
		frame   string
		want    phoenix.Message
		wantErr bool
	}{
		{
			name: "object", version: phoenix.Objects, frame: `{"topic":"realtime:a","event":"phx_join","payload":{"x":1},"ref":"1","join_ref":"1"}`,
			want: phoenix.Message{JoinRef: []byte(`"1"`), Ref: []byte(`"1"`), Topic: "realtime:a", Event: "phx_join", Payload: []byte(`{"x":1}`)},
		},
		{
			name: "array, references null and a number", version: phoenix.Arrays, frame: `[null,7,"phoenix","heartbeat",{}]`,
			want: phoenix.Message{Ref: []byte(`7`), Topic: "phoenix", Event: "heartbeat", Payload: []byte(`{}`)},
		},
		{
			name: "binary broadcast", version: phoenix.Arrays, binary: true, frame: "\x03\x01\x02\x03\x02\x00\x0112realtim" + "{}",
			wantErr: true, // the topic's length is 3: the rest is no JSON
		},
		{
			name: "binary broadcast with JSON", version: phoenix.Arrays, binary: true, frame: "\x03\x01\x01\x03\x02\x00\x01" + "12abcev" + `{"a":1}`,
			want: phoenix.Message{
				JoinRef: []byte(`"1"`), Ref: []byte(`"2"`), Topic: "abc", Event: "broadcast", Broadcast: &phoenix.Broadcast{Event: "ev", Body: []byte(`{"a":1}`)},
			},
		},
		{
			name: "binary broadcast of bytes", version: phoenix.Arrays, binary: true, frame: "\x03\x00\x00\x01\x01\x00\x00" + "te\xff\x00",
			want: phoenix.Message{Topic: "t", Event: "broadcast", Broadcast: &phoenix.Broadcast{Event: "e", Binary: true, Body: []byte("\xff\x00")}},
		},
		{name: "binary, cut short", version: phoenix.Arrays, binary: true, frame: "\x03\xff\x00\x01\x01\x00\x00te", wantErr: true},
		{name: "binary of another kind", version: phoenix.Arrays, binary: true, frame: "\x04\x00\x00\x00\x00\x00\x00", wantErr: true},
		{name: "array too short", version: phoenix.Arrays, frame: `["1","1","t"]`, wantErr: true},
		{name: "object where an array is spoken", version: phoenix.Arrays, frame: `{"topic":"t"}`, wantErr: true},
		{name: "no JSON", version: phoenix.Objects, frame: `{`, wantErr: true},
		{
			name: "a reference that is no scalar is none", version: phoenix.Arrays, frame: `[{"a":1},[1],"t","e",null]`,
			want: phoenix.Message{Topic: "t", Event: "e", Payload: []byte(`null`)},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := phoenix.Decode(tt.version, tt.binary, []byte(tt.frame))
			if (err != nil) != tt.wantErr {
				t.Fatalf("err = %v", err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestFrames(t *testing.T) {
	t.Parallel()
	news := &phoenix.Broadcast{Event: "e", Body: []byte(`{"a":1}`)}
	bytes := &phoenix.Broadcast{Event: "e", Binary: true, Body: []byte{0xff}}
	if f, ok := bytes.Frame(phoenix.Objects, "t"); ok {
		t.Errorf("bytes have no form in version 1: %q", f.Data)
	}
	for _, tt := range []struct {
		name, want string
		frame      func() phoenix.Frame
	}{
		{"reply, object", `{"topic":"t","event":"phx_reply","payload":{"status":"ok","response":{}},"ref":"2","join_ref":"1"}`, func() phoenix.Frame {
			return phoenix.Reply(phoenix.Objects, []byte(`"1"`), []byte(`"2"`), "t", "ok", []byte(`{}`))
		}},
		{"reply, array", `["1","2","t","phx_reply",{"status":"ok","response":{}}]`, func() phoenix.Frame {
			return phoenix.Reply(phoenix.Arrays, []byte(`"1"`), []byte(`"2"`), "t", "ok", []byte(`{}`))
		}},
		{"a name with a quote", `[null,null,"a\"b","x",{}]`, func() phoenix.Frame {
			return phoenix.Text(phoenix.Arrays, nil, nil, `a"b`, "x", []byte(`{}`))
		}},
		{"broadcast, object", `{"topic":"t","event":"broadcast","payload":{"type":"broadcast","event":"e","payload":{"a":1}},"ref":null,"join_ref":null}`, func() phoenix.Frame {
			f, _ := news.Frame(phoenix.Objects, "t")
			return f
		}},
		{"broadcast, binary", "\x04\x01\x01\x00\x01te" + `{"a":1}`, func() phoenix.Frame {
			f, _ := news.Frame(phoenix.Arrays, "t")
			return f
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := string(tt.frame().Data); got != tt.want {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

// FuzzDecode: a message is refused, or has names of a length that can be sent
// back.
func FuzzDecode(f *testing.F) {
	f.Add(true, []byte("\x03\x01\x01\x03\x02\x00\x0112abcev{}"))
	f.Add(false, []byte(`["1","2","t","e",{}]`))
	f.Add(false, []byte(`{"topic":"t","event":"e"}`))
	f.Fuzz(func(t *testing.T, binary bool, frame []byte) {
		for _, v := range []phoenix.Version{phoenix.Objects, phoenix.Arrays} {
			m, err := phoenix.Decode(v, binary, frame)
			if err == nil && (len(m.Topic) > phoenix.MaxName || len(m.Event) > phoenix.MaxName) {
				t.Errorf("topic of %d bytes, event of %d", len(m.Topic), len(m.Event))
			}
			if m.Broadcast != nil && !m.Broadcast.Binary {
				m.Broadcast.Frame(phoenix.Objects, m.Topic)
			}
		}
	})
}
