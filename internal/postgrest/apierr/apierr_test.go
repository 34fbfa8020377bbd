package apierr_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/romashka/sidecar/internal/postgrest/apierr"
)

// body writes the expected result of Body; details and hint are JSON.
func body(code, details, hint, message string) string {
	return fmt.Sprintf(`{"code":"%s","details":%s,"hint":%s,"message":%s}`, code, details, hint, message)
}

func TestBody(t *testing.T) {
	t.Parallel()
	call := apierr.Call{Schema: "api", Name: "f"}
	withArgs := func(contentType string, post bool, args ...string) apierr.Call {
		c := call
		c.Args, c.ContentType, c.Post = args, contentType, post
		return c
	}
	for _, tt := range []struct {
		err    *apierr.Error
		status int
		want   string
	}{
		{apierr.Connection(""), 503, body("PGRST000", "null", "null", `"Database connection error."`)},
		{apierr.Connection("no route"), 503, body("PGRST000", `"no route"`, "null", `"Database connection error."`)},
		{apierr.Client("gone"), 503, body("PGRST001", `"gone"`, "null", `"Database client error. Retrying the connection."`)},
		{apierr.NoSchemaCache(), 503, body("PGRST002", "null", "null", `"Could not query the database for the schema cache. Retrying."`)},
		{apierr.PoolTimeout(), 504, body("PGRST003", "null", "null", `"Timed out acquiring connection from connection pool."`)},
		{apierr.QueryParam(`"failed to parse filter (1)" (line 1, column 1)`, "unexpected"), 400, body("PGRST100", `"unexpected"`, "null", `"\"failed to parse filter (1)\" (line 1, column 1)"`)},
		{apierr.InvalidRPCMethod("PUT"), 405, body("PGRST101", "null", "null", `"Cannot use the PUT method on RPC"`)},
		{apierr.InvalidBody("Empty or invalid json"), 400, body("PGRST102", "null", "null", `"Empty or invalid json"`)},
		{apierr.NegativeLimit(), 416, body("PGRST103", `"Limit should be greater than or equal to zero."`, "null", `"Requested range not satisfiable"`)},
		{apierr.RangeLowerAboveUpper(), 416, body("PGRST103", `"The lower boundary must be lower than or equal to the upper boundary in the Range header."`, "null", `"Requested range not satisfiable"`)},
		{apierr.RangeOutOfBounds("5", "2"), 416, body("PGRST103", `"An offset of 5 was requested, but there are only 2 rows."`, "null", `"Requested range not satisfiable"`)},
		{apierr.InvalidFilters(), 405, body("PGRST105", "null", "null", `"Filters must include all and only primary key columns with 'eq' operators"`)},
		{apierr.UnacceptableSchema("x", []string{"api", "api2"}), 406, body("PGRST106", "null", `"Only the following schemas are exposed: api, api2"`, `"Invalid schema: x"`)},
		{apierr.MediaType([]string{"image/png", "text/*"}), 406, body("PGRST107", "null", "null", `"None of these media types are available: image/png, text/*"`)},
		{apierr.NotEmbedded("x"), 400, body("PGRST108", "null", `"Verify that 'x' is included in the 'select' query parameter."`, `"'x' is not an embedded resource in this request"`)},
		{apierr.NotEmbeddedByName("x", "x", "y"), 400, body("PGRST108", `"Target names are not allowed in filters if they have an alias"`, `"Change 'x' to 'y' in filters, orders or limits."`, `"'x' is not an embedded resource in this request"`)},
		{apierr.GUCHeaders(), 500, body("PGRST111", "null", "null", `"response.headers guc must be a JSON array composed of objects with a single key and a string value"`)},
		{apierr.GUCStatus(), 500, body("PGRST112", "null", "null", `"response.status guc must be a valid status code"`)},
		{apierr.PutLimitNotAllowed(), 400, body("PGRST114", "null", "null", `"limit/offset querystring parameters are not allowed for PUT"`)},
		{apierr.PutMatchingPK(), 400, body("PGRST115", "null", "null", `"Payload values do not match URL in primary key column(s)"`)},
		{apierr.Singularity(3), 406, body("PGRST116", `"The result contains 3 rows"`, "null", `"Cannot coerce the result to a single JSON object"`)},
		{apierr.UnsupportedMethod("TRACE"), 405, body("PGRST117", "null", "null", `"Unsupported HTTP method: TRACE"`)},
		{apierr.RelatedOrderNotToOne("a", "b"), 400, body("PGRST118", `"'a' and 'b' do not form a many-to-one or one-to-one relationship"`, "null", `"A related order on 'b' is not possible"`)},
		{apierr.InvalidPreferences([]string{"a", "b=1"}), 400, body("PGRST122", `"Invalid preferences: a, b=1"`, "null", `"Invalid preferences given with handling=strict"`)},
		{apierr.AggregatesNotAllowed(), 400, body("PGRST123", "null", "null", `"Use of aggregate functions is not allowed"`)},
		{apierr.MaxAffected(2), 400, body("PGRST124", `"The query affects 2 rows"`, "null", `"Query result exceeds max-affected preference constraint"`)},
		{apierr.InvalidPath(), 404, body("PGRST125", "null", "null", `"Invalid path specified in request URL"`)},
		{apierr.OpenAPIDisabled(), 404, body("PGRST126", "null", "null", `"Root endpoint metadata is disabled"`)},
		{apierr.NotImplemented("x"), 400, body("PGRST127", `"x"`, "null", `"Feature not implemented"`)},
		{apierr.MaxAffectedRPC(), 400, body("PGRST128", "null", "null", `"Function must return SETOF or TABLE when max-affected preference is used with handling=strict"`)},
		{apierr.RelationshipNotFound(apierr.Sought{Parent: "tags", Child: "conversation", Schema: "api", Near: "conversations", InsteadOf: "conversation"}), 400, body("PGRST200", `"Searched for a foreign key relationship between 'tags' and 'conversation' in the schema 'api', but no matches were found."`, `"Perhaps you meant 'conversations' instead of 'conversation'."`, `"Could not find a relationship between 'tags' and 'conversation' in the schema cache"`)},
		{apierr.RelationshipNotFound(apierr.Sought{Parent: "a", Child: "b", Hint: "k", Schema: "api"}), 400, body("PGRST200", `"Searched for a foreign key relationship between 'a' and 'b' using the hint 'k' in the schema 'api', but no matches were found."`, "null", `"Could not find a relationship between 'a' and 'b' in the schema cache"`)},
		{apierr.FunctionNotFound(call, ""), 404, body("PGRST202", `"Searched for the function api.f without parameters, but no matches were found in the schema cache."`, "null", `"Could not find the function api.f without parameters in the schema cache"`)},
		{apierr.FunctionNotFound(withArgs("application/json", true, "a"), "g"), 404, body("PGRST202", `"Searched for the function api.f with parameter a or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache."`, `"Perhaps you meant to call the function api.g"`, `"Could not find the function api.f(a) in the schema cache"`)},
		{apierr.FunctionNotFound(withArgs("application/json", true), ""), 404, body("PGRST202", `"Searched for the function api.f without parameters or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache."`, "null", `"Could not find the function api.f without parameters in the schema cache"`)},
		{apierr.FunctionNotFound(withArgs("application/json", false, "a", "b"), "f(a, c)"), 404, body("PGRST202", `"Searched for the function api.f with parameters a, b, but no matches were found in the schema cache."`, `"Perhaps you meant to call the function api.f(a, c)"`, `"Could not find the function api.f(a, b) in the schema cache"`)},
		{apierr.FunctionNotFound(withArgs("text/plain", true, "a"), "g"), 404, body("PGRST202", `"Searched for the function api.f with a single unnamed text parameter, but no matches were found in the schema cache."`, "null", `"Could not find the function api.f in the schema cache"`)},
		{apierr.FunctionNotFound(withArgs("text/plain", false, "a"), ""), 404, body("PGRST202", `"Searched for the function api.f with parameter a, but no matches were found in the schema cache."`, "null", `"Could not find the function api.f(a) in the schema cache"`)},
		{apierr.AmbiguousFunction([]string{apierr.Signature("api", "f", []string{"a", "b"}, []string{"integer", "text"}), apierr.Signature("api", "f", nil, nil)}), 300, body("PGRST203", "null", `"Try renaming the parameters or the function itself in the database so function overloading can be resolved"`, `"Could not choose the best candidate function between: api.f(a => integer, b => text), api.f()"`)},
		{apierr.ColumnNotFound("t", "c"), 400, body("PGRST204", "null", "null", `"Could not find the 'c' column of 't' in the schema cache"`)},
		{apierr.TableNotFound("api", "Tags", "tags"), 404, body("PGRST205", "null", `"Perhaps you meant the table 'api.tags'"`, `"Could not find the table 'api.Tags' in the schema cache"`)},
		{apierr.TableNotFound("api", "x", ""), 404, body("PGRST205", "null", "null", `"Could not find the table 'api.x' in the schema cache"`)},
		{apierr.JWTSecretMissing(), 500, body("PGRST300", "null", "null", `"Server lacks JWT secret"`)},
		{apierr.JWTParts(1), 401, body("PGRST301", "null", "null", `"Expected 3 parts in JWT; got 1"`)},
		{apierr.JWTEmpty(), 401, body("PGRST301", "null", "null", `"Empty JWT is sent in Authorization header"`)},
		{apierr.JWTNoSuitableKey("None of the keys was able to decode the JWT"), 401, body("PGRST301", `"None of the keys was able to decode the JWT"`, "null", `"No suitable key or wrong key type"`)},
		{apierr.JWTBadAlgorithm("x"), 401, body("PGRST301", `"x"`, "null", `"Wrong or unsupported encoding algorithm"`)},
		{apierr.JWTBadCrypto(), 401, body("PGRST301", "null", "null", `"JWT cryptographic operation failed"`)},
		{apierr.JWTRequired(), 401, body("PGRST302", "null", "null", `"Anonymous access is disabled"`)},
		{apierr.JWTClaims(apierr.ClaimExpired), 401, body("PGRST303", "null", "null", `"JWT expired"`)},
		{apierr.Internal(), 500, body("PGRSTX00", "null", "null", `"Internal server error"`)},
	} {
		if tt.err.Status != tt.status {
			t.Errorf("%v: status = %d, want %d", tt.err, tt.err.Status, tt.status)
		}
		if diff := cmp.Diff(tt.want, string(tt.err.Body(apierr.Verbose))); diff != "" {
			t.Errorf("%v: %s", tt.err, diff)
		}
	}
}

func TestAmbiguousRelationship(t *testing.T) {
	t.Parallel()
	got := apierr.AmbiguousRelationship("incidents", "profiles", []apierr.Candidate{
		{
			Table: "incidents", ForeignTable: "profiles", Cardinality: apierr.ManyToOne,
			Constraint: "assignee", Columns: []string{"assigned_to"}, ForeignColumns: []string{"id"},
		},
		{
			Table: "incidents", ForeignTable: "profiles", Cardinality: apierr.ManyToMany, Junction: "watchers",
			Constraint: "w_incident", Columns: []string{"a", "b"}, ForeignConstraint: "w_profile", ForeignColumns: []string{"c"},
		},
	})
	want := `{"code":"PGRST201","details":[` +
		`{"cardinality":"many-to-one","embedding":"incidents with profiles","relationship":"assignee using incidents(assigned_to) and profiles(id)"},` +
		`{"cardinality":"many-to-many","embedding":"incidents with profiles","relationship":"watchers using w_incident(a, b) and w_profile(c)"}],` +
		`"hint":"Try changing 'profiles' to one of the following: 'profiles!assignee', 'profiles!watchers'. Find the desired relationship in the 'details' key.",` +
		`"message":"Could not embed because more than one relationship was found for 'incidents' and 'profiles'"}`
	if diff := cmp.Diff(want, string(got.Body(apierr.Verbose))); diff != "" {
		t.Error(diff)
	}
}

func TestMinimalBody(t *testing.T) {
	t.Parallel()
	want := `{"code":"PGRST116","message":"Cannot coerce the result to a single JSON object"}`
	if got := string(apierr.Singularity(0).Body(apierr.Minimal)); got != want {
		t.Errorf("body = %s, want %s", got, want)
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	want := []apierr.Header{
		{Name: "Content-Type", Value: "application/json; charset=utf-8"},
		{Name: "Proxy-Status", Value: "PostgREST; error=PGRST303"},
		{Name: "WWW-Authenticate", Value: `Bearer error="invalid_token", error_description="The JWT 'exp' claim must be a number"`},
	}
	if diff := cmp.Diff(want, apierr.JWTClaims(apierr.ClaimExpNoNumber).Headers()); diff != "" {
		t.Error(diff)
	}
	if got := apierr.JWTRequired().Header; got[0].Value != "Bearer" {
		t.Errorf("header = %v, want Bearer", got)
	}
}

func TestCodeOf(t *testing.T) {
	t.Parallel()
	wrapped := fmt.Errorf("read: %w", apierr.InvalidPath())
	if got := apierr.CodeOf(wrapped); got != "PGRST125" {
		t.Errorf("code = %q, want PGRST125", got)
	}
	if got := apierr.CodeOf(nil); got != "" {
		t.Errorf("code of nil = %q, want none", got)
	}
}

func TestShow(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":         `""`,
		"a":        `"a"`,
		`"`:        `"\""`,
		`\`:        `"\\"`,
		"\n\t":     `"\n\t"`,
		"\x7f":     `"\DEL"`,
		"\x00":     `"\NUL"`,
		"\x0eH":    `"\SO\&H"`,
		"\x0eh":    `"\SOh"`,
		"я":        `"\1103"`,
		"я5":       `"\1103\&5"`,
		"яa":       `"\1103a"`,
		"it's":     `"it's"`,
		"\u00a0":   `"\160"`,
		"\u2028 x": `"\8232 x"`,
	} {
		if got := apierr.ShowString(in); got != want {
			t.Errorf("ShowString(%q) = %s, want %s", in, got, want)
		}
	}
	for in, want := range map[rune]string{'a': `'a'`, '\'': `'\''`, '"': `'"'`, '\\': `'\\'`, 'я': `'\1103'`, '\r': `'\r'`} {
		if got := apierr.ShowRune(in); got != want {
			t.Errorf("ShowRune(%q) = %s, want %s", in, got, want)
		}
	}
	if got, want := apierr.ShowLatin1([]byte("я\n")), `"\209\143\n"`; got != want {
		t.Errorf("ShowLatin1 = %s, want %s", got, want)
	}
}

func FuzzText(f *testing.F) {
	for _, seed := range []string{"", "a", `"\`, "\x00\x1f\x7f\n\r\t", "я€𝄞", "\xff\xfea", "<&>", "\u2028"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		var got string
		if err := json.Unmarshal(apierr.Text(in), &got); err != nil {
			t.Fatal(err)
		}
		want := in
		if !utf8.ValidString(in) {
			want = strings.Map(func(r rune) rune { return r }, in)
		}
		if got != want {
			t.Errorf("%q became %q", want, got)
		}
		apierr.ShowString(in)
	})
}

func BenchmarkBody(b *testing.B) {
	e := apierr.TableNotFound("api", "Tags", "tags")
	b.ReportAllocs()
	for b.Loop() {
		e.Body(apierr.Verbose)
	}
}

// TestNames: errors for which PostgREST has no code take the given names, and
// the settings that raise their limits.
func TestNames(t *testing.T) {
	t.Parallel()
	names := apierr.Names{
		apierr.CodeAnswerTooLarge: {Code: "A1", Hint: "The setting answer-limit raises the limit."},
		apierr.CodeTooManyEmbeds:  {Code: "E1", Hint: "The setting max-embeds raises the limit."},
		apierr.CodeCanceled:       {Code: "C1"},
	}
	for _, tt := range []struct {
		err  *apierr.Error
		want string
	}{
		{apierr.AnswerTooLarge("9", true), body("A1", `"The limit is 9 bytes. Nothing was changed."`, `"Prefer: return=minimal does without the rows. The setting answer-limit raises the limit."`, `"The answer is too large"`)},
		{apierr.TooManyEmbeds(9), body("E1", `"The limit is 9 embeds."`, `"The setting max-embeds raises the limit."`, `"The request has too many embeds"`)},
		{apierr.Canceled(), body("C1", "null", "null", `"The request was canceled"`)},
		{apierr.Timeout(), body("timeout", "null", "null", `"The request took too long"`)},
		{apierr.InvalidPath(), body("PGRST125", "null", "null", `"Invalid path specified in request URL"`)},
	} {
		before := string(tt.err.Body(apierr.Verbose))
		if diff := cmp.Diff(tt.want, string(names.Apply(tt.err).Body(apierr.Verbose))); diff != "" {
			t.Errorf("%v: %s", tt.err, diff)
		}
		if after := string(tt.err.Body(apierr.Verbose)); after != before {
			t.Errorf("Apply changed its argument: %s", after)
		}
	}
}
