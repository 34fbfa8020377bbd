package devstorage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// servePublic is GET /object/public/{bucket}/{key}: no policy is asked, the
// bucket says that all may read.
func (h *Handler) servePublic(w http.ResponseWriter, r *http.Request, at place, info bool) error {
	b, err := h.bucketOf(r.Context(), at.bucket)
	if err != nil {
		return err
	}
	if !b.Public {
		return noSuchBucket()
	}
	o, err := h.objectAs(r.Context(), itself(), "", at)
	if err != nil {
		return err
	}
	return h.show(w, r, o, info)
}

// serveObject is GET /object/{bucket}/{key}: policies say who may read, unless
// the bucket is public.
func (h *Handler) serveObject(w http.ResponseWriter, r *http.Request, who caller, at place, info bool) error {
	b, err := h.bucketOf(r.Context(), at.bucket)
	if err != nil {
		return err
	}
	if b.Public {
		who = itself()
	}
	o, err := h.objectAs(r.Context(), who, "storage.object.get_authenticated", at)
	if err != nil {
		return err
	}
	return h.show(w, r, o, info)
}

func (h *Handler) show(w http.ResponseWriter, r *http.Request, o object, info bool) error {
	if !info {
		return h.sendFile(w, r, o)
	}
	m := o.metadata()
	h.send(w, http.StatusOK, map[string]any{
		"id": o.ID, "name": o.Name, "version": o.Version, "bucket_id": o.Bucket, "size": m.Size, "content_type": m.Type,
		"cache_control": m.CacheControl, "etag": m.ETag, "metadata": nullable(o.Own), "last_modified": o.Updated, "created_at": o.Created,
	})
	return nil
}

func nullable(text json.RawMessage) any {
	if text == nil {
		return nil
	}
	return text
}

// sendFile sends an object's bytes, or the range or none of them that the
// request asks for.
func (h *Handler) sendFile(w http.ResponseWriter, r *http.Request, o object) error {
	path, err := h.files.path(o.Version)
	if err != nil {
		return err
	}
	file, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return noSuchKey()
	}
	if err != nil {
		return fmt.Errorf("read stored file: %w", err)
	}
	defer file.Close()
	m, header := o.metadata(), w.Header()
	for name, value := range map[string]string{"Content-Type": harmless(m.Type), "Etag": m.ETag, "Cache-Control": m.CacheControl, "X-Robots-Tag": "none"} {
		if value != "" && headerText(value) {
			header.Set(name, value)
		}
	}
	if active(m.Type) {
		header.Set("Content-Security-Policy", "sandbox; default-src 'none'; style-src 'unsafe-inline'")
	}
	if q := r.URL.Query(); q.Has("download") {
		header.Set("Content-Disposition", disposition(q.Get("download")))
	}
	http.ServeContent(w, r, "", m.LastModified, file)
	return nil
}

// harmless is the type under which bytes are served: a page of a stranger must
// not run beside ours.
func harmless(mediaType string) string {
	if strings.Contains(strings.ToLower(mediaType), "html") {
		return "text/plain"
	}
	if mediaType == "" {
		return "application/octet-stream"
	}
	return mediaType
}

// active reports whether a browser runs scripts in files of a type.
func active(mediaType string) bool {
	mediaType = strings.ToLower(mediaType)
	return strings.Contains(mediaType, "xml") || strings.Contains(mediaType, "svg")
}

func disposition(name string) string {
	if name == "" {
		return "attachment;"
	}
	const longest = 1000 // bytes
	escaped := strings.ReplaceAll(url.QueryEscape(name[:min(len(name), longest)]), "+", "%20")
	return "attachment; filename=" + escaped + "; filename*=UTF-8''" + escaped
}

// listed is an entry of a folder: an object, or a folder, which has but a name.
type listed struct {
	Name     string          `json:"name"`
	ID       *string         `json:"id"`
	Updated  *time.Time      `json:"updated_at"`
	Created  *time.Time      `json:"created_at"`
	Accessed *time.Time      `json:"last_accessed_at"`
	Metadata json.RawMessage `json:"metadata"`
}

// query is the body of a request for a list.
type query struct {
	Prefix    string `json:"prefix"`
	Search    string `json:"search"`
	Limit     *int64 `json:"limit"`
	Offset    int64  `json:"offset"`
	Cursor    string `json:"cursor"`
	Delimiter bool   `json:"with_delimiter"`
	SortBy    struct {
		Column string `json:"column"`
		Order  string `json:"order"`
	} `json:"sortBy"`
}

func (q *query) check(usual, most int64, columns ...string) error {
	if q.SortBy.Column == "" {
		q.SortBy.Column = "name"
	}
	if q.SortBy.Order == "" {
		q.SortBy.Order = "asc"
	}
	if q.Limit == nil {
		q.Limit = &usual
	}
	known := false
	for _, c := range columns {
		known = known || c == q.SortBy.Column
	}
	switch {
	case !known:
		return invalidRequest("body/sortBy/column must be one of " + strings.Join(columns, ", "))
	case q.SortBy.Order != "asc" && q.SortBy.Order != "desc":
		return invalidRequest("body/sortBy/order must be asc or desc")
	case *q.Limit < 1:
		return invalidRequest("body/limit must be >= 1")
	case q.Offset < 0:
		return invalidRequest("body/offset must be >= 0")
	case !plainText(q.Prefix) || !plainText(q.Search):
		return invalidKey(q.Prefix)
	}
	*q.Limit = min(*q.Limit, most)
	return nil
}

func (h *Handler) entries(ctx context.Context, who caller, operation, statement string, args ...any) ([]listed, error) {
	list := []listed{}
	err := h.as(ctx, who, operation, func(ctx context.Context, tx pgx.Tx) error {
		rows, err := tx.Query(ctx, h.sql[statement], args...)
		if err != nil {
			return err
		}
		list, err = pgx.AppendRows(list, rows, func(row pgx.CollectableRow) (e listed, err error) {
			err = row.Scan(&e.Name, &e.ID, &e.Updated, &e.Created, &e.Accessed, &e.Metadata)
			return e, err
		})
		return err
	})
	return list, known(err, "")
}

// list is POST /object/list/{bucket}: a folder.
func (h *Handler) list(w http.ResponseWriter, r *http.Request, who caller, bucket string) error {
	var in query
	if err := read(w, r, &in); err != nil {
		return err
	}
	const usual, most = 100, 10_000
	if err := in.check(usual, most, "name", "updated_at", "created_at", "last_accessed_at"); err != nil {
		return err
	}
	if in.Prefix = strings.TrimPrefix(in.Prefix, "/"); in.Prefix != "" && !strings.HasSuffix(in.Prefix, "/") {
		in.Prefix += "/"
	}
	if !plainText(bucket) {
		return noSuchBucket()
	}
	list, err := h.entries(r.Context(), who, "storage.object.list", "list",
		bucket, in.Prefix, in.Search, in.SortBy.Column, in.SortBy.Order, *in.Limit, in.Offset)
	if err != nil {
		return err
	}
	h.send(w, http.StatusOK, list)
	return nil
}

// listAll is POST /object/list-v2/{bucket}: whole names, by pages.
func (h *Handler) listAll(w http.ResponseWriter, r *http.Request, who caller, bucket string) error {
	var in query
	if err := read(w, r, &in); err != nil {
		return err
	}
	const most = 1000
	if err := in.check(most, most, "name", "updated_at", "created_at"); err != nil {
		return err
	}
	from, err := readCursor(in.Cursor)
	if err != nil || !plainText(bucket) {
		return invalidRequest("body/cursor must be one that a list gave")
	}
	list, err := h.entries(r.Context(), who, "storage.object.list_v2", "list_all",
		bucket, in.Prefix, in.Delimiter, in.SortBy.Column, in.SortBy.Order, *in.Limit+1, from)
	if err != nil {
		return err
	}
	more := int64(len(list)) > *in.Limit
	out := map[string]any{"hasNext": more}
	if more {
		list = list[:*in.Limit]
		out["nextCursor"] = writeCursor(from + *in.Limit)
	}
	folders, objects := []map[string]any{}, []listed{}
	for _, e := range list {
		if e.ID == nil {
			folders = append(folders, map[string]any{"name": e.Name, "key": e.Name})
		} else {
			objects = append(objects, e)
		}
	}
	out["folders"], out["objects"] = folders, objects
	h.send(w, http.StatusOK, out)
	return nil
}
