package apierr_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/romashka/sidecar/internal/postgrest/apierr"
)

func TestFromPostgresStatus(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		code, message string
		anonymous     bool
		want          int
	}{
		{code: "08006", want: 503},
		{code: "09000", want: 500},
		{code: "0L000", want: 403},
		{code: "0P000", want: 403},
		{code: "21000", message: "more than one row returned by a subquery", want: 500},
		{code: "21000", message: "UPDATE requires a WHERE clause", want: 400},
		{code: "22023", message: `role "5" does not exist`, want: 401},
		{code: "22023", message: "invalid value for parameter", want: 400},
		{code: "22P02", want: 400},
		{code: "23502", want: 400},
		{code: "23503", want: 409},
		{code: "23505", want: 409},
		{code: "25006", want: 405},
		{code: "25001", want: 500},
		{code: "28P01", want: 403},
		{code: "2D000", want: 500},
		{code: "38000", want: 500},
		{code: "39000", want: 500},
		{code: "3B000", want: 500},
		{code: "40001", want: 500},
		{code: "42501", want: 403},
		{code: "42501", anonymous: true, want: 401},
		{code: "42601", want: 400},
		{code: "42883", message: "function f(integer) does not exist", want: 404},
		{code: "42883", message: "function xmlagg(tags) does not exist", want: 406},
		{code: "42P01", want: 404},
		{code: "42P17", want: 500},
		{code: "53300", want: 503},
		{code: "53400", want: 500},
		{code: "54001", want: 500},
		{code: "55P03", want: 500},
		{code: "57014", want: 500},
		{code: "57P01", want: 503},
		{code: "58030", want: 500},
		{code: "F0001", want: 500},
		{code: "HV000", want: 500},
		{code: "P0001", want: 400},
		{code: "P0002", want: 500},
		{code: "XX000", want: 500},
		{code: "PT418", want: 418},
		{code: "PTABC", want: 500},
		{code: "PT099", want: 500},
		{code: "PT-12", want: 500},
		{code: "PT100", want: 500},
		{code: "PT199", want: 500},
		{code: "PT600", want: 500},
		{code: "XYZ99", want: 400},
		{code: "", want: 400},
		{code: "4", want: 400},
	} {
		t.Run(tt.code+" "+tt.message, func(t *testing.T) {
			t.Parallel()
			got := apierr.FromPostgres(apierr.Postgres{Code: tt.code, Message: tt.message}, !tt.anonymous)
			if got.Status != tt.want {
				t.Errorf("status = %d, want %d", got.Status, tt.want)
			}
			challenged := len(got.Header) == 1 && got.Header[0] == apierr.Header{Name: "WWW-Authenticate", Value: "Bearer"}
			if challenged != (tt.want == 401) {
				t.Errorf("status %d with headers %v", got.Status, got.Header)
			}
		})
	}
}

func TestFromPostgresFields(t *testing.T) {
	t.Parallel()
	got := apierr.FromPostgres(apierr.Postgres{Code: "P0001", Message: "It \"failed\"", Detail: "Some detail", Hint: "Try later"}, true)
	want := `{"code":"P0001","details":"Some detail","hint":"Try later","message":"It \"failed\""}`
	if diff := cmp.Diff(want, string(got.Body(apierr.Verbose))); diff != "" {
		t.Error(diff)
	}
	chosen := apierr.FromPostgres(apierr.Postgres{Code: "PT418", Message: "Short\r\nX-Evil: 1"}, true)
	if chosen.StatusText != "Short  X-Evil: 1" {
		t.Errorf("status text = %q, want one line", chosen.StatusText)
	}
}

func TestRaise(t *testing.T) {
	t.Parallel()
	const (
		message = `{"code":"42X","message":"Custom","details":"d","hint":"h"}`
		detail  = `{"status":422,"status_text":"Nope","headers":{"X-Two":"2","X-Reason":"a\nb","bad name":"x"}}`
	)
	got := apierr.FromPostgres(apierr.Postgres{Code: "PGRST", Message: message, Detail: detail}, true)
	want := &apierr.Error{
		Status: 422, StatusText: "Nope", Code: "42X", Message: "Custom", Details: apierr.Text("d"), Hint: apierr.Text("h"),
		Header: []apierr.Header{{Name: "X-Reason", Value: "a b"}, {Name: "X-Two", Value: "2"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestRaiseUnreadable(t *testing.T) {
	t.Parallel()
	const (
		good        = `{"code":"1","message":"m"}`
		goodDetail  = `{"status":400,"headers":{}}`
		messageHint = `"MESSAGE must be a JSON object with obligatory keys: 'code', 'message' and optional keys: 'details', 'hint'."`
		detailHint  = `"DETAIL must be a JSON object with obligatory keys: 'status', 'headers' and optional key: 'status_text'."`
	)
	for _, tt := range []struct {
		message, detail string
		wantDetails     string // "" = must be read
		wantHint        string
	}{
		{message: good, detail: goodDetail},
		{message: `{"code":"1","message":"m","hint":null}`, detail: `{"status":99,"headers":{},"status_text":null}`},
		{message: good, detail: `{"status":100,"headers":{}}`},
		{message: "not json", detail: goodDetail, wantDetails: `"Invalid JSON value for MESSAGE: 'not json'"`, wantHint: messageHint},
		{message: "null", detail: goodDetail, wantDetails: `"Invalid JSON value for MESSAGE: 'null'"`, wantHint: messageHint},
		{message: "[]", detail: goodDetail, wantDetails: `"Invalid JSON value for MESSAGE: '[]'"`, wantHint: messageHint},
		{message: `{"Code":"1","message":"m"}`, detail: goodDetail, wantDetails: `"Invalid JSON value for MESSAGE: '{\"Code\":\"1\",\"message\":\"m\"}'"`, wantHint: messageHint},
		{message: `{"code":"1","message":"m","hint":5}`, detail: goodDetail, wantDetails: `"Invalid JSON value for MESSAGE: '{\"code\":\"1\",\"message\":\"m\",\"hint\":5}'"`, wantHint: messageHint},
		{message: good, detail: "", wantDetails: `"DETAIL is missing in the RAISE statement"`, wantHint: detailHint},
		{message: good, detail: "{}", wantDetails: `"Invalid JSON value for DETAIL: '{}'"`, wantHint: detailHint},
		{message: good, detail: `{"status":400}`, wantDetails: `"Invalid JSON value for DETAIL: '{\"status\":400}'"`, wantHint: detailHint},
		{message: good, detail: `{"status":400,"headers":{"a":null}}`, wantDetails: `"Invalid JSON value for DETAIL: '{\"status\":400,\"headers\":{\"a\":null}}'"`, wantHint: detailHint},
	} {
		t.Run(tt.message+tt.detail, func(t *testing.T) {
			t.Parallel()
			got := apierr.FromPostgres(apierr.Postgres{Code: "PGRST", Message: tt.message, Detail: tt.detail}, true)
			if tt.wantDetails == "" {
				if got.Code != "1" || got.Status != 400 && got.Status != 500 {
					t.Errorf("code = %q, status %d, want the raised ones, or 500 for what is no status", got.Code, got.Status)
				}
				return
			}
			want := body("PGRST121", tt.wantDetails, tt.wantHint, `"Could not parse JSON in the \"RAISE SQLSTATE 'PGRST'\" error"`)
			if diff := cmp.Diff(want, string(got.Body(apierr.Verbose))); diff != "" || got.Status != 500 {
				t.Errorf("status %d: %s", got.Status, diff)
			}
		})
	}
}

// The database repeats a refused value in its message; the answer has a part of
// it.
func TestFromPostgresShortensTexts(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ф", 1<<20)
	e := apierr.FromPostgres(apierr.Postgres{Code: "22P02", Message: "a" + long, Detail: long, Hint: long}, true)
	for _, text := range []string{e.Message, string(e.Body(apierr.Verbose))} {
		if len(text) > 200<<10 || !strings.Contains(text, "ф...") || !utf8.ValidString(text) {
			t.Errorf("%d bytes, %q", len(text), text[max(0, len(text)-20):])
		}
	}
}
