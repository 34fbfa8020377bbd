package apirequest_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/romashka/sidecar/internal/postgrest/apierr"
	"github.com/romashka/sidecar/internal/postgrest/apirequest"
	"github.com/romashka/sidecar/internal/postgrest/queryparams"
)

func TestTopLevelRange(t *testing.T) {
	t.Parallel()
	const (
		negative = "Limit should be"
		crossed  = "The lower boundary"
	)
	for _, tt := range []struct {
		line, header string
		want         string // offset+limit
		wantErr      string // begin of the details
	}{
		{line: "GET /t", want: "0+*"},
		{line: "GET /t?limit=5", want: "0+5"},
		{line: "GET /t?limit=5&offset=2", want: "2+5"},
		{line: "GET /t?limit=0", want: "0+0"},
		{line: "GET /t?limit=0", header: "3-5", want: "0+0"},
		{line: "GET /t?limit=5&offset=-5", want: "0+0"},
		{line: "GET /t?offset=-5", want: "0+*"},
		{line: "GET /t", header: "3-5", want: "3+3"},
		{line: "GET /t", header: "3-", want: "3+*"},
		{line: "GET /t", header: "items=3-5", want: "0+*"},
		{line: "GET /t?limit=2", header: "0-9", want: "0+2"},
		{line: "GET /t?limit=20&offset=5", header: "0-9", want: "5+5"},
		{line: "HEAD /t", header: "3-5", want: "0+*"},
		{line: "HEAD /t", header: "5-2", want: "0+*"},
		{line: "DELETE /t?limit=2", header: "5-2", want: "0+2"},
		{line: "GET /t", header: "5-2", wantErr: crossed},
		{line: "GET /t?limit=-1", wantErr: negative},
		{line: "GET /t?limit=-1", header: "5-2", wantErr: crossed},
		{line: "GET /t?limit=0&offset=50", wantErr: negative},
		{line: "GET /t?limit=x&offset=5", wantErr: negative},
		{line: "GET /t?limit=5", header: "7-9", wantErr: negative},
	} {
		t.Run(tt.line+" "+tt.header, func(t *testing.T) {
			t.Parallel()
			got, err := apirequest.Parse(request(tt.line, "", "range: "+tt.header), oneSchema())
			if tt.wantErr != "" {
				var e *apierr.Error
				if !errors.As(err, &e) || e.Code != "PGRST103" || !strings.HasPrefix(string(e.Details), `"`+tt.wantErr) {
					t.Errorf("err = %v, want PGRST103 %s", err, tt.wantErr)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got.TopLevelRange.String() != tt.want || len(got.Ranges) != 1 || got.Ranges[0].Range.String() != tt.want {
				t.Errorf("range = %s, ranges = %v; want %s", got.TopLevelRange, got.Ranges, tt.want)
			}
		})
	}
}

func TestContentRange(t *testing.T) {
	t.Parallel()
	total := func(n int64) *int64 { return &n }
	for _, tt := range []struct {
		offset, rows int64
		total        *int64
		status       int
		header       string
	}{
		{0, 3, nil, 200, "0-2/*"},
		{0, 0, nil, 200, "*/*"},
		{5, 2, nil, 200, "5-6/*"},
		{0, 3, total(3), 200, "0-2/3"},
		{0, 3, total(10), 206, "0-2/10"},
		{5, 5, total(10), 206, "5-9/10"},
		{0, 0, total(0), 200, "*/0"},
		{5, 0, total(2), 416, "*/2"},
		{2, 0, total(2), 206, "*/2"},
		{1, 0, total(0), 416, "*/0"},
	} {
		status, header := apirequest.ContentRange(queryparams.NewRange(tt.offset, -1), tt.rows, tt.total)
		if status != tt.status || header != tt.header {
			t.Errorf("offset %d, %d rows: %d %s, want %d %s", tt.offset, tt.rows, status, header, tt.status, tt.header)
		}
	}
	huge := queryparams.ParseRangeHeader("99999999999999999999-")
	if status, header := apirequest.ContentRange(huge, 0, total(4)); status != 416 || header != "*/4" {
		t.Errorf("huge offset: %d %s, want 416 */4", status, header)
	}
}
