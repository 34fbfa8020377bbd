package devstorage_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/romashka/sidecar/internal/auth"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
	"github.com/romashka/sidecar/internal/dev/devstorage"
)

const (
	secret = "a-secret-of-at-least-thirty-two-characters"
	uma    = "5eed0000-0000-4000-8000-000000000001"
)

// service is a storage service over a database of its own.
type service struct {
	t      *testing.T
	url    string
	folder string
	keys   map[string]string // tokens, by role; "uma" is a user's
}

// policies let a user do all in a folder of his name, and everybody write, but
// not read, in the bucket "drop".
const policies = `
INSERT INTO storage.buckets (id, name, public, file_size_limit) VALUES ('own', 'own', false, 100), ('drop', 'drop', false, NULL), ('open', 'open', true, NULL);
INSERT INTO storage.objects (bucket_id, name) VALUES ('own', 'x');
CREATE POLICY own ON storage.objects TO authenticated
  USING (bucket_id = 'own' AND (storage.foldername(name))[1] = auth.uid()::text) WITH CHECK (bucket_id = 'own' AND (storage.foldername(name))[1] = auth.uid()::text);
CREATE POLICY put ON storage.objects FOR INSERT TO anon
  WITH CHECK (bucket_id = 'drop' AND storage.extension(name) = 'txt' AND metadata ->> 'mimetype' = 'text/plain' AND storage.operation() = 'storage.object.upload');
CREATE POLICY broken ON storage.objects FOR SELECT TO anon USING (bucket_id <> 'drop' AND 1 / (length(name) - length(name)) = 1);`

func newService(t *testing.T) *service {
	t.Helper()
	db := pgtest.Bootstrapped(t)
	if _, err := pgtest.Conn(t, db).PgConn().Exec(t.Context(), policies).ReadAll(); err != nil {
		t.Fatal(err)
	}
	pool, err := pgxpool.New(t.Context(), pgtest.As(t, db, "authenticator"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	s := &service{t: t, folder: t.TempDir(), keys: map[string]string{}}
	for name, claims := range map[string]map[string]any{
		"anon": {"role": "anon"}, "service": {"role": "service_role"}, "uma": {"role": "authenticated", "sub": uma}, "nobody": {"role": "no_such_role"},
		"old": {"role": "service_role", "exp": time.Now().Add(-time.Hour).Unix()},
	} {
		if s.keys[name], err = auth.Sign([]byte(secret), claims); err != nil {
			t.Fatal(err)
		}
	}
	handler, err := devstorage.New(devstorage.Options{DB: pool, Folder: s.folder, Secret: secret, SizeLimit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

// send sends a request as somebody, and returns status, what an error says of
// itself, and the body.
func (s *service) send(who, method, path string, body io.Reader, header ...string) (status int, code, text string) {
	s.t.Helper()
	r, err := http.NewRequestWithContext(context.Background(), method, s.url+"/storage/v1/"+path, body)
	if err != nil {
		s.t.Fatal(err)
	}
	if who != "" {
		r.Header.Set("Authorization", "Bearer "+s.keys[who])
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	all, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	var e struct {
		Status string `json:"statusCode"`
		Code   string `json:"code"`
	}
	_ = json.Unmarshal(all, &e) // files are none
	return res.StatusCode, strings.TrimSpace(e.Status + " " + e.Code), string(all)
}

// files is how many there are on disk.
func (s *service) files() int {
	s.t.Helper()
	list, err := os.ReadDir(s.folder)
	if err != nil {
		s.t.Fatal(err)
	}
	return len(list)
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	s := newService(t)
	plain := []string{"Content-Type", "text/plain"}
	for _, tt := range []struct {
		name, who, method, path, body string
		header                        []string
		want                          string
	}{
		{"no token", "", "GET", "bucket", "", nil, "400 InvalidRequest"},
		{"old token", "old", "GET", "bucket", "", nil, "403 AccessDenied"},
		{"unknown role", "nobody", "GET", "bucket", "", nil, "403 AccessDenied"},
		{"unknown route", "anon", "GET", "nothing", "", nil, "404 NotFound"},
		{"no JSON", "service", "POST", "bucket", "{", nil, "400 InvalidRequest"},
		{"big JSON", "service", "POST", "bucket", `{"name": "` + strings.Repeat("x", 2<<20) + `"}`, nil, "413 EntityTooLarge"},
		{"odd limit", "service", "POST", "bucket", `{"name": "b", "file_size_limit": -1}`, nil, "400 InvalidRequest"},
		{"limit above all", "service", "POST", "bucket", `{"name": "b", "file_size_limit": "1GB"}`, nil, "413 EntityTooLarge"},
		{"odd type", "service", "POST", "bucket", `{"name": "b", "allowed_mime_types": ["png"]}`, nil, "415 InvalidMimeType"},
		{"bucket of another kind", "service", "POST", "bucket", `{"name": "b", "type": "ANALYTICS"}`, nil, "409 FeatureNotEnabled"},
		{"name with NUL", "service", "GET", "bucket/a%00b", "", nil, "404 NoSuchBucket"},
		{"way up", "service", "POST", "object/open/a%2F..%2F..%2Fb", "x", plain, "400 InvalidKey"},
		{"way up in a bucket", "service", "POST", "object/..%2Fopen/a", "x", plain, "404 NoSuchBucket"},
		{"long name", "service", "POST", "object/open/" + strings.Repeat("x", 1025), "x", plain, "400 InvalidKey"},
		{"malformed URL", "service", "POST", "object/open/a?x=%zz", "x", plain, ""},
		{"above the bucket's limit", "service", "POST", "object/own/" + uma + "/a", strings.Repeat("x", 101), plain, "413 EntityTooLarge"},
		{"above all limits", "service", "POST", "object/open/a", strings.Repeat("x", 1001), plain, "413 EntityTooLarge"},
		{"odd cursor", "service", "POST", "object/list-v2/open", `{"cursor": "x"}`, nil, "400 InvalidRequest"},
		{"odd column", "service", "POST", "object/list/open", `{"prefix": "", "sortBy": {"column": "id; --"}}`, nil, "400 InvalidRequest"},
		{"no names", "service", "DELETE", "object/open", `{"prefixes": []}`, nil, "400 InvalidRequest"},
		{"object that is none", "service", "DELETE", "object/open/none", "", nil, "404 NoSuchKey"},
		{"policy that fails", "anon", "GET", "object/own/x", "", nil, "400 DatabaseError"},
		{"no lifetime", "service", "POST", "object/sign/open/a", `{"expiresIn": 0}`, nil, "400 InvalidRequest"},
		{"URL without token", "", "GET", "object/sign/open/a", "", nil, "400 InvalidRequest"},
		{"URL with an API key", "", "GET", "object/sign/open/a?token=" + s.keys["service"], "", nil, "400 InvalidJWT"},
		{"images", "anon", "GET", "render/image/public/open/a", "", nil, "409 FeatureNotEnabled"},
		{"resumable", "service", "POST", "upload/resumable", "", nil, "409 FeatureNotEnabled"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			status, code, text := s.send(tt.who, tt.method, tt.path, strings.NewReader(tt.body), tt.header...)
			if tt.want != "" && code != tt.want || status >= 500 {
				t.Errorf("%d %s: %s, want %s", status, code, text, tt.want)
			}
		})
	}
	if n := s.files(); n > 1 { // "malformed URL" is a good one
		t.Errorf("%d files are left of refused uploads", n)
	}
}

// Policies see the operation, the media type and the caller; one that lets
// somebody write lets nobody read.
func TestPolicies(t *testing.T) {
	t.Parallel()
	s := newService(t)
	for _, tt := range []struct{ who, path, mediaType, want string }{
		{"anon", "drop/a.txt", "text/plain", ""},
		{"anon", "drop/b.png", "text/plain", "403 AccessDenied"},
		{"anon", "drop/c.txt", "image/png", "403 AccessDenied"},
		{"anon", "drop/a.txt", "text/plain", "409 KeyAlreadyExists"},
		{"uma", "own/" + uma + "/a.txt", "text/plain", ""},
		{"uma", "own/" + uma[:35] + "2/a.txt", "text/plain", "403 AccessDenied"},
	} {
		if _, code, text := s.send(tt.who, "POST", "object/"+tt.path, strings.NewReader("x"), "Content-Type", tt.mediaType); code != tt.want {
			t.Errorf("%s to %s: %q %s, want %q", tt.who, tt.path, code, text, tt.want)
		}
	}
	if _, code, _ := s.send("anon", "POST", "object/drop/a.txt", strings.NewReader("y"), "Content-Type", "text/plain", "X-Upsert", "true"); code != "403 AccessDenied" {
		t.Errorf("who may only write replaces: %s", code)
	}
	if _, code, _ := s.send("anon", "GET", "object/drop/a.txt", nil); code != "404 NoSuchKey" {
		t.Errorf("who may only write reads: %s", code)
	}
	if n := s.files(); n != 2 {
		t.Errorf("%d files, want 2", n)
	}
}

// Two who write one name at once: without upsert one does, with it both, and no
// bytes are left that no row names.
func TestAtOnce(t *testing.T) {
	t.Parallel()
	s := newService(t)
	const clients = 6
	for _, upsert := range []string{"false", "true"} {
		got := make(chan int, clients)
		for i := range clients {
			go func() {
				status, _, _ := s.send("service", "POST", "object/open/same-"+upsert, strings.NewReader(strconv.Itoa(i)), "Content-Type", "text/plain", "X-Upsert", upsert)
				got <- status
			}()
		}
		good := 0
		for range clients {
			if <-got == http.StatusOK {
				good++
			}
		}
		if want := map[string]int{"false": 1, "true": clients}[upsert]; good != want {
			t.Errorf("upsert %s: %d uploads, want %d", upsert, good, want)
		}
	}
	if n := s.files(); n != 2 {
		t.Errorf("%d files, want 2", n)
	}
}

// A form may name its fields behind the file; a body that breaks off leaves nothing.
func TestBodies(t *testing.T) {
	t.Parallel()
	s := newService(t)
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	file, err := w.CreateFormFile("", "x.txt")
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(file, "of a form")
	_ = w.WriteField("cacheControl", "5")
	_ = w.WriteField("metadata", `{"a": 1}`)
	_ = w.Close()
	if status, _, text := s.send("service", "POST", "object/open/form", &form, "Content-Type", w.FormDataContentType()); status != http.StatusOK {
		t.Fatal(text)
	}
	_, _, text := s.send("service", "GET", "object/info/open/form", nil)
	for _, want := range []string{`"cache_control":"max-age=5"`, `"metadata":{"a":1}`, `"size":9`} {
		if !strings.Contains(strings.ReplaceAll(text, `: `, `:`), want) {
			t.Errorf("no %s in %s", want, text)
		}
	}

	at, err := url.Parse(s.url)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", at.Host)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(conn, "POST /storage/v1/object/open/half HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type: text/plain\r\nContent-Length: 100\r\n\r\nhalf", s.keys["service"])
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(conn)
	if err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 400") {
		t.Errorf("%v %s", err, answer)
	}
	if _, code, _ := s.send("service", "GET", "object/open/half", nil); code != "404 NoSuchKey" {
		t.Errorf("half a file: %s", code)
	}
	if n := s.files(); n != 1 {
		t.Errorf("%d files, want 1", n)
	}
}

// What a browser would run is not served as such.
func TestNothingRuns(t *testing.T) {
	t.Parallel()
	s := newService(t)
	for mediaType, want := range map[string]string{"text/html": "text/plain", "application/xhtml+xml": "text/plain", "image/svg+xml": "image/svg+xml"} {
		if _, code, text := s.send("service", "PUT", "object/open/page", strings.NewReader("<script/>"), "Content-Type", mediaType); code != "" {
			t.Fatal(text)
		}
		res, err := http.Get(s.url + "/storage/v1/object/public/open/page?download=%22%0d%0aX:%20y")
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if got := res.Header.Get("Content-Type"); got != want || res.Header.Get("X-Content-Type-Options") != "nosniff" || res.Header.Get("X") != "" {
			t.Errorf("%s is served as %s with %v", mediaType, got, res.Header)
		}
		if mediaType != "text/html" && !strings.HasPrefix(res.Header.Get("Content-Security-Policy"), "sandbox") {
			t.Errorf("%s may run scripts", mediaType)
		}
	}
}
