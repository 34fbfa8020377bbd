package devstorage

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// bucket is a row of storage.buckets as clients see it.
type bucket struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	Owner     string    `json:"owner"`
	Public    bool      `json:"public"`
	Type      string    `json:"type"`
	SizeLimit *int64    `json:"file_size_limit"`
	Types     []string  `json:"allowed_mime_types"`
	Created   time.Time `json:"created_at"`
	Updated   time.Time `json:"updated_at"`
}

func scanBucket(row pgx.CollectableRow) (b bucket, err error) {
	err = row.Scan(&b.ID, &b.Name, &b.Owner, &b.Public, &b.Type, &b.SizeLimit, &b.Types, &b.Created, &b.Updated)
	return b, err
}

// findBucket returns a bucket that the transaction's caller may see. Errors: NoSuchBucket.
func (h *Handler) findBucket(ctx context.Context, tx pgx.Tx, id string) (bucket, error) {
	if !plainText(id) {
		return bucket{}, noSuchBucket()
	}
	rows, err := tx.Query(ctx, h.sql["bucket"], id)
	if err != nil {
		return bucket{}, fmt.Errorf("find bucket: %w", err)
	}
	b, err := pgx.CollectExactlyOneRow(rows, scanBucket)
	if errors.Is(err, pgx.ErrNoRows) {
		return bucket{}, noSuchBucket()
	}
	return b, err
}

// bucketOf returns a bucket, whoever may see it.
func (h *Handler) bucketOf(ctx context.Context, id string) (b bucket, err error) {
	err = h.as(ctx, itself(), "", func(ctx context.Context, tx pgx.Tx) (err error) {
		b, err = h.findBucket(ctx, tx, id)
		return err
	})
	return b, err
}

func plainText(s string) bool { return !strings.ContainsRune(s, 0) }

// Characters of names. Source: Supabase's Storage service, limits.
var (
	bucketNames = regexp.MustCompile(`^[A-Za-z0-9_!.*'() &$=@;:+,?-]{1,100}$`)                  // read-only
	objectNames = regexp.MustCompile(`^[A-Za-z0-9_/!.*'() &$=@;:+,?-]+$`)                       // read-only
	mediaTypes  = regexp.MustCompile(`^[a-zA-Z0-9+.-]+/([a-zA-Z0-9+.-]+|\*)(;.*)?$|^\*(/\*)?$`) // read-only
	sizes       = regexp.MustCompile(`(?i)^([0-9]+(?:\.[0-9]+)?)(gb|mb|kb|b)$`)                 // read-only
)

// checkKey refuses names that no object can have.
func checkKey(key string) error {
	const longest = 1024 // bytes, as S3's
	if len(key) > longest || !objectNames.MatchString(key) || strings.HasPrefix(key, "/") || strings.Contains(key, "//") ||
		slices.ContainsFunc(strings.Split(key, "/"), func(part string) bool { return part == "." || part == ".." }) {
		return invalidKey(key)
	}
	return nil
}

// properties are those of a bucket in a request; fields that are absent leave
// a thing as it is.
type properties struct {
	ID        string          `json:"id"`
	Name      string          `json:"name"`
	Type      string          `json:"type"`
	Public    *bool           `json:"public"`
	SizeLimit json.RawMessage `json:"file_size_limit"`
	Types     json.RawMessage `json:"allowed_mime_types"`
}

func absent(field json.RawMessage) bool { return len(field) == 0 }

// size reads a limit: bytes, or a text such as 20MB; nil for none.
func (p *properties) size(most int64) (*int64, error) {
	if absent(p.SizeLimit) || string(p.SizeLimit) == "null" {
		return nil, nil
	}
	var number float64
	var text string
	wrong := invalidRequest("Invalid file size format, hint: use 20GB / 20MB / 30KB / 3B")
	switch {
	case json.Unmarshal(p.SizeLimit, &number) == nil:
	case json.Unmarshal(p.SizeLimit, &text) == nil:
		parts := sizes.FindStringSubmatch(text)
		if parts == nil {
			return nil, wrong
		}
		unit := map[string]float64{"b": 1, "kb": 1e3, "mb": 1e6, "gb": 1e9}[strings.ToLower(parts[2])]
		number, _ = strconv.ParseFloat(parts[1], 64) // matched
		number *= unit
	default:
		return nil, wrong
	}
	if number < 0 || number != math.Trunc(number) {
		return nil, wrong
	}
	if number > float64(most) {
		return nil, tooLarge()
	}
	bytes := int64(number)
	return &bytes, nil
}

// types reads the media types that a bucket takes; nil for all.
func (p *properties) types() ([]string, error) {
	var list []string
	if absent(p.Types) {
		return nil, nil
	}
	if json.Unmarshal(p.Types, &list) != nil {
		return nil, invalidRequest("body/allowed_mime_types must be an array of strings")
	}
	const longest = 1000 // bytes
	list = slices.DeleteFunc(list, func(t string) bool { return t == "" })
	for _, t := range list {
		if len(t) > longest || !mediaTypes.MatchString(t) {
			return nil, invalidType(t)
		}
	}
	return list, nil
}

// listBuckets is GET /bucket.
func (h *Handler) listBuckets(w http.ResponseWriter, r *http.Request, who caller) error {
	q := r.URL.Query()
	column, order := cmp.Or(q.Get("sortColumn"), "id"), cmp.Or(q.Get("sortOrder"), "asc")
	if !slices.Contains([]string{"id", "name", "created_at", "updated_at"}, column) || order != "asc" && order != "desc" || !plainText(q.Get("search")) {
		return invalidRequest("querystring/sortColumn must be id, name, created_at or updated_at, and sortOrder asc or desc")
	}
	limit, err := optional(q, "limit", 1)
	if err != nil {
		return err
	}
	offset, err := optional(q, "offset", 0)
	if err != nil {
		return err
	}
	var from int64
	if offset != nil {
		from = *offset
	}
	list := []bucket{}
	err = h.as(r.Context(), who, "storage.bucket.list", func(ctx context.Context, tx pgx.Tx) error {
		rows, err := tx.Query(ctx, h.sql["buckets"], q.Get("search"), column, order, limit, from)
		if err != nil {
			return err
		}
		list, err = pgx.AppendRows(list, rows, scanBucket)
		return err
	})
	if err != nil {
		return known(err, "")
	}
	h.send(w, http.StatusOK, list)
	return nil
}

func optional(q url.Values, name string, least int64) (*int64, error) {
	if q.Get(name) == "" {
		return nil, nil
	}
	n, err := strconv.ParseInt(q.Get(name), 10, 32)
	if err != nil || n < least {
		return nil, invalidRequest(fmt.Sprintf("querystring/%s must be an integer >= %d", name, least))
	}
	return &n, nil
}

// getBucket is GET /bucket/{id}.
func (h *Handler) getBucket(w http.ResponseWriter, r *http.Request, who caller, id string) error {
	var b bucket
	err := h.as(r.Context(), who, "storage.bucket.get", func(ctx context.Context, tx pgx.Tx) (err error) {
		b, err = h.findBucket(ctx, tx, id)
		return err
	})
	if err != nil {
		return known(err, "")
	}
	h.send(w, http.StatusOK, b)
	return nil
}

// createBucket is POST /bucket.
func (h *Handler) createBucket(w http.ResponseWriter, r *http.Request, who caller) error {
	var in properties
	if err := read(w, r, &in); err != nil {
		return err
	}
	in.ID = cmp.Or(in.ID, in.Name)
	for _, name := range []string{in.Name, in.ID} {
		if !bucketNames.MatchString(name) || strings.TrimSpace(name) != name || name == "." || name == ".." {
			return &Error{Status: http.StatusBadRequest, Code: "InvalidBucketName", Name: "Invalid Input", Message: "Bucket name invalid"}
		}
	}
	if in.Type != "" && in.Type != "STANDARD" {
		return notBuilt("A bucket of type " + strconv.Quote(in.Type))
	}
	limit, err := in.size(h.limit)
	if err != nil {
		return err
	}
	types, err := in.types()
	if err != nil {
		return err
	}
	public := in.Public != nil && *in.Public
	err = h.as(r.Context(), who, "storage.bucket.create", func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, h.sql["bucket_add"], in.ID, in.Name, who.owner, public, limit, types)
		return err
	})
	if err != nil {
		return known(err, "BucketAlreadyExists")
	}
	h.send(w, http.StatusOK, map[string]string{"name": in.Name})
	return nil
}

// message is the answer of actions that have nothing else to say.
func message(text string) map[string]string { return map[string]string{"message": text} }

// updateBucket is PUT /bucket/{id}.
func (h *Handler) updateBucket(w http.ResponseWriter, r *http.Request, who caller, id string) error {
	var in properties
	if err := read(w, r, &in); err != nil {
		return err
	}
	limit, err := in.size(h.limit)
	if err != nil {
		return err
	}
	types, err := in.types()
	if err != nil {
		return err
	}
	if !plainText(id) {
		return noSuchBucket()
	}
	err = h.as(r.Context(), who, "storage.bucket.update", func(ctx context.Context, tx pgx.Tx) error {
		done, err := tx.Exec(ctx, h.sql["bucket_update"], id, in.Public, !absent(in.SizeLimit), limit, !absent(in.Types), types)
		if err == nil && done.RowsAffected() == 0 {
			return noSuchBucket()
		}
		return err
	})
	if err != nil {
		return known(err, "")
	}
	h.send(w, http.StatusOK, message("Successfully updated"))
	return nil
}

// deleteBucket is DELETE /bucket/{id}. It must be empty.
func (h *Handler) deleteBucket(w http.ResponseWriter, r *http.Request, who caller, id string) error {
	b, err := h.bucketOf(r.Context(), id)
	if err != nil {
		return err
	}
	var used bool
	err = h.as(r.Context(), itself(), "", func(ctx context.Context, tx pgx.Tx) error {
		return tx.QueryRow(ctx, h.sql["bucket_used"], b.ID).Scan(&used)
	})
	if err != nil {
		return err
	}
	if used {
		return notEmpty()
	}
	err = h.as(r.Context(), who, "storage.bucket.delete", func(ctx context.Context, tx pgx.Tx) error {
		done, err := tx.Exec(ctx, h.sql["bucket_delete"], b.ID)
		if err == nil && done.RowsAffected() == 0 {
			return noSuchBucket()
		}
		return err
	})
	if err != nil {
		return known(err, "")
	}
	h.send(w, http.StatusOK, message("Successfully deleted"))
	return nil
}

func notEmpty() *Error {
	return &Error{Status: http.StatusConflict, Code: "ResourceNotEmpty", Message: "The bucket you tried to delete is not empty"}
}

// emptyBucket is POST /bucket/{id}/empty: what the caller may delete goes.
func (h *Handler) emptyBucket(w http.ResponseWriter, r *http.Request, who caller, id string) error {
	var gone []object
	err := h.as(r.Context(), who, "storage.bucket.empty", func(ctx context.Context, tx pgx.Tx) error {
		if _, err := h.findBucket(ctx, tx, id); err != nil {
			return err
		}
		var err error
		gone, err = h.deleteRows(ctx, tx, id, nil)
		return err
	})
	if err != nil {
		return known(err, "")
	}
	h.forget(r.Context(), gone)
	h.send(w, http.StatusOK, message("Successfully emptied"))
	return nil
}
