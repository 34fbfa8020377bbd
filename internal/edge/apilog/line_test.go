package apilog

import (
	"encoding/json"
	"net/netip"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzLine: for any input of a client, a row is one line of eleven fields that
// PostgreSQL can read, with the text that was sent.
func FuzzLine(f *testing.F) {
	for _, text := range []string{"/rest/v1/x", "", `\N`, `\.`, "\t", "\n", "\r\n", `"`, `\"`, "\x00", "\xff\xfe", "ж", "\u2028", "</script>", strings.Repeat("é", 3000), `{"a":1}`} {
		f.Add(text, text, text)
	}
	f.Fuzz(func(t *testing.T, endpoint, agent, referer string) {
		e := &Entry{
			Endpoint: endpoint, Method: agent, Address: netip.MustParseAddr("::1"), Credential: agent,
			Request: Headers{UserAgent: agent, Referer: "https://" + referer + "/path"}, Response: Headers{ContentType: agent},
		}
		text := string(newRow(e, newHashers([]byte("salt"))).line)
		if !utf8.ValidString(text) || strings.ContainsRune(text, 0) || strings.Index(text, "\n") != len(text)-1 {
			t.Fatalf("%q", text)
		}
		fields := strings.Split(strings.TrimSuffix(text, "\n"), "\t")[1:]
		if len(fields) != 11 {
			t.Fatalf("%d fields in %q", len(fields), text)
		}
		unescape := strings.NewReplacer(`\\`, `\`, `\t`, "\t", `\n`, "\n", `\r`, "\r")
		if want, _ := tidy(endpoint, maxEndpoint); unescape.Replace(fields[0]) != want {
			t.Errorf("endpoint %q, want %q", fields[0], want)
		}
		var got map[string]string
		if err := json.Unmarshal([]byte(unescape.Replace(fields[8])), &got); err != nil {
			t.Fatalf("request headers %q: %v", fields[8], err)
		}
		if want, _ := tidy(agent, maxHeader); got["user-agent"] != want {
			t.Errorf("agent %q, want %q", got["user-agent"], want)
		}
		if _, hashed := got["token_hash"]; hashed != (agent != "") || strings.Contains(got["referer"], "/") {
			t.Errorf("%q", got)
		}
	})
}
