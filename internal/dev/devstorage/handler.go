package devstorage

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/auth"
)

// Prefix is the path that all requests begin with.
const Prefix = "/storage/v1"

// DefaultSizeLimit is the size of the largest file, in bytes, as of a local
// Supabase.
const DefaultSizeLimit = 50 << 20

const (
	maxBody      = 1 << 20          // bytes of a JSON body
	queryTimeout = 10 * time.Second // of one transaction
)

// statements holds one SQL statement per file. Read only.
//
//go:embed sql/*.sql
var statements embed.FS

// DB is a pool of connections of the role authenticator.
type DB interface {
	Begin(ctx context.Context) (pgx.Tx, error)
}

// Options are the settings of a Handler.
type Options struct {
	DB        DB
	Folder    string // of the files; made if it is not there
	Secret    string // that the API's tokens are signed with; 32 bytes or more
	SizeLimit int64  // bytes of a file; 0 = DefaultSizeLimit
	Clock     func() time.Time
	Logger    *slog.Logger // nil = none
}

// Handler serves requests whose path begins with Prefix.
type Handler struct {
	db     DB
	files  files
	tokens *auth.Authenticator // of the API
	signed *auth.Authenticator // of signed URLs
	key    []byte              // signs URLs
	limit  int64
	now    func() time.Time
	log    *slog.Logger
	sql    map[string]string // by file name without its suffix; never changed
}

// New returns a Handler, and makes its folder.
func New(o Options) (*Handler, error) {
	if o.DB == nil || o.Folder == "" {
		return nil, errors.New("devstorage: DB and Folder are required")
	}
	h := &Handler{
		db: o.DB, limit: cmp.Or(o.SizeLimit, DefaultSizeLimit), now: o.Clock, log: cmp.Or(o.Logger, slog.New(slog.DiscardHandler)),
	}
	if h.now == nil {
		h.now = time.Now
	}
	var err error
	if h.tokens, err = auth.New(auth.Options{Secret: o.Secret, AnonRole: "anon", Clock: o.Clock}); err != nil {
		return nil, fmt.Errorf("devstorage: %w", err)
	}
	// A key of its own: no token of the API is a signed URL, nor the other way round.
	mac := hmac.New(sha256.New, []byte(o.Secret))
	mac.Write([]byte("romashka signed URLs"))
	h.key = mac.Sum(nil)
	if h.signed, err = auth.New(auth.Options{Secret: hex.EncodeToString(h.key), Clock: o.Clock}); err != nil {
		return nil, fmt.Errorf("devstorage: %w", err)
	}
	h.key = fmt.Appendf(nil, "%x", h.key)
	if h.files, err = openFiles(o.Folder); err != nil {
		return nil, fmt.Errorf("devstorage: %w", err)
	}
	if h.sql, err = loadStatements(); err != nil {
		return nil, fmt.Errorf("devstorage: %w", err)
	}
	return h, nil
}

func loadStatements() (map[string]string, error) {
	entries, err := statements.ReadDir("sql")
	if err != nil {
		return nil, err
	}
	all := make(map[string]string, len(entries))
	for _, e := range entries {
		text, err := statements.ReadFile("sql/" + e.Name())
		if err != nil {
			return nil, err
		}
		all[strings.TrimSuffix(e.Name(), ".sql")] = string(text)
	}
	return all, nil
}

// place is what a request's path names.
type place struct{ bucket, key string }

// route reads a path below the prefix: words of the API, a bucket, an object's
// name, which may have slashes in it, also escaped ones.
type route struct {
	method string
	words  string // as "object/sign"
	place  place
}

// words that a path may begin with, the longest first. Read-only.
var words = []string{
	"object/upload/sign", "object/info/public", "object/info/authenticated", "object/list-v2",
	"object/public", "object/authenticated", "object/sign", "object/info", "object/list", "object/move", "object/copy",
	"render/image", "upload/resumable", "object", "bucket", "cdn", "status", "s3", "iceberg", "vector",
}

func readRoute(r *http.Request) (route, error) {
	path, ok := strings.CutPrefix(r.URL.EscapedPath(), Prefix+"/")
	if !ok {
		return route{}, &Error{Status: http.StatusNotFound, Code: "NotFound", Message: "Route " + r.Method + ":" + r.URL.Path + " not found", statusInReply: http.StatusNotFound}
	}
	for _, w := range words {
		rest, ok := strings.CutPrefix(path, w)
		if !ok || rest != "" && rest[0] != '/' {
			continue
		}
		rest = strings.TrimPrefix(rest, "/")
		bucket, key, _ := strings.Cut(rest, "/")
		p, err1 := url.PathUnescape(bucket)
		k, err2 := url.PathUnescape(key)
		if errors.Join(err1, err2) != nil {
			return route{}, invalidRequest("The URL is malformed")
		}
		return route{method: r.Method, words: w, place: place{p, k}}, nil
	}
	return route{}, &Error{Status: http.StatusNotFound, Code: "NotFound", Message: "Route " + r.Method + ":" + r.URL.Path + " not found", statusInReply: http.StatusNotFound}
}

// ServeHTTP implements http.Handler.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Content-Type-Options", "nosniff")
	at, err := readRoute(r)
	if err == nil {
		err = h.dispatch(w, r, at)
	}
	if err != nil {
		h.refuse(w, r, err)
	}
}

// dispatch serves a request, or returns the error that is its answer.
func (h *Handler) dispatch(w http.ResponseWriter, r *http.Request, at route) error {
	reads := at.method == http.MethodGet || at.method == http.MethodHead
	switch {
	case reads && at.words == "status":
		w.WriteHeader(http.StatusOK)
		return nil
	case reads && at.words == "object/public":
		return h.servePublic(w, r, at.place, false)
	case reads && at.words == "object/info/public":
		return h.servePublic(w, r, at.place, true)
	case reads && at.words == "object/sign":
		return h.serveSigned(w, r, at.place)
	case at.method == http.MethodPut && at.words == "object/upload/sign":
		return h.uploadSigned(w, r, at.place)
	case at.words == "render/image":
		return notBuilt("The transformation of images")
	case at.words == "upload/resumable":
		return notBuilt("Resumable upload")
	case at.words == "cdn", at.words == "s3", at.words == "iceberg", at.words == "vector":
		return notBuilt("/" + at.words)
	}
	who, err := h.identify(r)
	if err != nil {
		return err
	}
	if at.words == "bucket" {
		return h.bucketRoute(w, r, at, who)
	}
	return h.objectRoute(w, r, at, who)
}

func (h *Handler) bucketRoute(w http.ResponseWriter, r *http.Request, at route, who caller) error {
	switch id := at.place.bucket; {
	case at.method == http.MethodGet && id == "":
		return h.listBuckets(w, r, who)
	case at.method == http.MethodPost && id == "":
		return h.createBucket(w, r, who)
	case at.method == http.MethodPost && at.place.key == "empty":
		return h.emptyBucket(w, r, who, id)
	case at.place.key != "":
	case at.method == http.MethodGet:
		return h.getBucket(w, r, who, id)
	case at.method == http.MethodPut:
		return h.updateBucket(w, r, who, id)
	case at.method == http.MethodDelete:
		return h.deleteBucket(w, r, who, id)
	}
	return noRoute(r)
}

func noRoute(r *http.Request) *Error {
	return &Error{Status: http.StatusNotFound, Code: "NotFound", Message: "Route " + r.Method + ":" + r.URL.Path + " not found", statusInReply: http.StatusNotFound}
}

func (h *Handler) objectRoute(w http.ResponseWriter, r *http.Request, at route, who caller) error {
	switch at.method + " " + at.words {
	case "GET object", "HEAD object", "GET object/authenticated", "HEAD object/authenticated":
		return h.serveObject(w, r, who, at.place, false)
	case "GET object/info", "GET object/info/authenticated", "HEAD object/info", "HEAD object/info/authenticated":
		return h.serveObject(w, r, who, at.place, true)
	case "POST object", "PUT object":
		upsert := at.method == http.MethodPut || r.Header.Get("X-Upsert") == "true"
		return h.upload(w, r, who, at.place, upsert)
	case "DELETE object":
		if at.place.key == "" {
			return h.removeObjects(w, r, who, at.place.bucket)
		}
		return h.removeObject(w, r, who, at.place)
	case "POST object/list":
		return h.list(w, r, who, at.place.bucket)
	case "POST object/list-v2":
		return h.listAll(w, r, who, at.place.bucket)
	case "POST object/move":
		return h.move(w, r, who)
	case "POST object/copy":
		return h.copy(w, r, who)
	case "POST object/sign":
		if at.place.key == "" {
			return h.signMany(w, r, who, at.place.bucket)
		}
		return h.sign(w, r, who, at.place)
	case "POST object/upload/sign":
		return h.signUpload(w, r, who, at.place)
	}
	return noRoute(r)
}

// read decodes a JSON body; an empty one is an empty object.
func read(w http.ResponseWriter, r *http.Request, into any) error {
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody)).Decode(into)
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return tooLarge()
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return invalidRequest("body must be JSON: " + err.Error())
	}
	return nil
}

// files are the bytes of objects, each under a random name.
type files struct{ folder string }

func openFiles(folder string) (files, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return files{}, fmt.Errorf("make storage folder: %w", err)
	}
	return files{folder}, nil
}

// path is where the bytes of a version lie. Errors: NoSuchKey for a version
// that is none of ours: rows can be written by others.
func (f files) path(version string) (string, error) {
	if !isID(version) {
		return "", noSuchKey()
	}
	return filepath.Join(f.folder, version), nil
}

func (f files) remove(versions ...string) error {
	var all []error
	for _, v := range versions {
		path, err := f.path(v)
		if err != nil {
			continue
		}
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			all = append(all, err)
		}
	}
	return errors.Join(all...)
}
