package devstorage

import (
	"cmp"
	"context"
	"crypto/md5" //nolint:gosec // an ETag, as S3 makes them
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// upload is an object that is to be written.
type upload struct {
	at        place
	owner     string
	upsert    bool   // in place of the one that is there
	operation string // for policies

	id, version string          // both fresh
	own         json.RawMessage // the user's metadata; nil = none
	metadata    metadata
}

// mayUpload asks the policies, and writes nothing.
func (h *Handler) mayUpload(ctx context.Context, who caller, u upload) error {
	tried := errors.New("tried")
	err := h.as(ctx, who, u.operation, func(ctx context.Context, tx pgx.Tx) error {
		if err := h.store(ctx, tx, u); err != nil {
			return err
		}
		return tried // rolls back
	})
	if errors.Is(err, tried) {
		return nil
	}
	return known(err, "KeyAlreadyExists")
}

// store writes an upload's row.
func (h *Handler) store(ctx context.Context, tx pgx.Tx, u upload) error {
	statement := "object_add"
	if u.upsert {
		statement = "object_put"
	}
	text, err := json.Marshal(u.metadata)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, h.sql[statement], u.id, u.at.bucket, u.at.key, u.owner, u.version, json.RawMessage(text), u.own)
	return err
}

// finish writes the row of bytes that are there, as the service: the policies
// have been asked. It returns the object's id. After an error the bytes are gone.
func (h *Handler) finish(ctx context.Context, u upload) (id string, err error) {
	var old string
	err = h.as(ctx, itself(), u.operation, func(ctx context.Context, tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, h.sql["object_wait"], u.at.bucket, u.at.key); err != nil {
			return err
		}
		err := tx.QueryRow(ctx, h.sql["object_lock"], u.at.bucket, u.at.key).Scan(&id, &old)
		if errors.Is(err, pgx.ErrNoRows) {
			id, err = u.id, nil
		}
		if err != nil {
			return err
		}
		return h.store(ctx, tx, u)
	})
	if err != nil {
		h.forgetVersion(ctx, u.version)
		return "", known(err, "KeyAlreadyExists")
	}
	if old != "" && old != u.version {
		h.forgetVersion(ctx, old)
	}
	return id, nil
}

// upload is POST and PUT /object/{bucket}/{key}.
func (h *Handler) upload(w http.ResponseWriter, r *http.Request, who caller, at place, upsert bool) error {
	id, err := h.receive(r, who, who.owner, at, upsert)
	if err != nil {
		drain(r)
		return err
	}
	h.send(w, http.StatusOK, map[string]string{"Id": id, "Key": at.bucket + "/" + at.key})
	return nil
}

// drain reads the rest of a body that was refused: a client that is still
// sending would miss the answer. It is bounded: somebody may send for ever.
func drain(r *http.Request) { _, _ = io.CopyN(io.Discard, r.Body, 2*DefaultSizeLimit) }

// receive takes the bytes of a request, if its caller may store them.
func (h *Handler) receive(r *http.Request, who caller, owner string, at place, upsert bool) (id string, err error) {
	b, err := h.bucketOf(r.Context(), at.bucket)
	if err != nil {
		return "", err
	}
	if err := checkKey(at.key); err != nil {
		return "", err
	}
	in, err := readUpload(r)
	if err != nil {
		return "", err
	}
	limit := h.limit
	if b.SizeLimit != nil {
		limit = min(limit, *b.SizeLimit)
	}
	if strings.HasSuffix(at.key, emptyFolder) {
		limit, b.Types = 0, nil
	}
	if in.stated > limit {
		return "", tooLarge()
	}
	if err := allowed(in.mediaType, b.Types); err != nil {
		return "", err
	}
	u := upload{at: at, owner: owner, upsert: upsert, operation: "storage.object.upload", id: uuid.NewString(), version: uuid.NewString(), own: in.own}
	u.metadata = metadata{Type: in.mediaType, CacheControl: in.cacheControl, Size: max(in.stated, 0), Length: max(in.stated, 0), Status: http.StatusOK}
	if err := h.mayUpload(r.Context(), who, u); err != nil {
		return "", err
	}
	size, etag, err := h.files.write(u.version, in.body, limit)
	if err != nil {
		return "", err
	}
	if err := in.rest(); err != nil {
		h.forgetVersion(r.Context(), u.version)
		return "", err
	}
	u.own, u.metadata.CacheControl = in.own, in.cacheControl
	u.metadata.Size, u.metadata.Length, u.metadata.ETag, u.metadata.LastModified = size, size, etag, h.now().UTC()
	return h.finish(r.Context(), u)
}

// emptyFolder is the name of an object that makes a folder seen.
const emptyFolder = ".emptyFolderPlaceholder"

// allowed reports with an error that a bucket does not take a media type.
func allowed(mediaType string, types []string) error {
	if len(types) == 0 {
		return nil
	}
	name, _, err := mime.ParseMediaType(mediaType)
	if err != nil {
		return invalidType(mediaType)
	}
	family, _, _ := strings.Cut(name, "/")
	for _, t := range types {
		plain, _, _ := strings.Cut(t, ";")
		plain = strings.ToLower(strings.TrimSpace(plain))
		if plain == name || plain == family+"/*" || plain == "*" || plain == "*/*" {
			return nil
		}
	}
	return invalidType(mediaType)
}

// sent is an upload as a request has it: as the body itself, or as a part of
// a form.
type sent struct {
	body         io.Reader
	mediaType    string
	cacheControl string
	stated       int64 // bytes, as the client says; -1 = it does not
	own          json.RawMessage

	form   *multipart.Reader // nil for a plain body
	fields int               // of the form, so far
}

// readUpload reads what comes before the bytes.
func readUpload(r *http.Request) (*sent, error) {
	in := &sent{body: r.Body, stated: -1, mediaType: cmp.Or(r.Header.Get("Content-Type"), "application/octet-stream"), cacheControl: cmp.Or(r.Header.Get("Cache-Control"), "no-cache")}
	if !strings.HasPrefix(strings.ToLower(in.mediaType), "multipart/form-data") {
		in.stated = r.ContentLength
		if text := r.Header.Get("X-Metadata"); text != "" {
			raw, err := base64.StdEncoding.DecodeString(text)
			if err != nil {
				return nil, invalidRequest("X-Metadata must be JSON in base64")
			}
			return in, in.note("metadata", raw)
		}
		return in, nil
	}
	var err error
	if in.form, err = r.MultipartReader(); err != nil {
		return nil, invalidRequest("No content provided")
	}
	in.cacheControl, in.mediaType = "no-cache", ""
	part, err := in.next()
	if err != nil {
		return nil, err
	}
	if part == nil {
		return nil, invalidRequest("No content provided")
	}
	in.body = part
	in.mediaType = cmp.Or(in.mediaType, part.Header.Get("Content-Type"), "application/octet-stream")
	return in, nil
}

// next reads a form's fields up to its next file; nil for none.
func (in *sent) next() (*multipart.Part, error) {
	const mostFields, longestField = 10, 1 << 20
	for {
		part, err := in.form.NextPart()
		switch {
		case errors.Is(err, io.EOF):
			return nil, nil
		case err != nil:
			return nil, invalidRequest("The form cannot be read: " + err.Error())
		case part.FileName() != "":
			return part, nil
		}
		if in.fields++; in.fields > mostFields {
			return nil, invalidRequest("The form has too many fields")
		}
		value, err := io.ReadAll(io.LimitReader(part, longestField+1))
		if err != nil {
			return nil, invalidRequest("The form cannot be read: " + err.Error())
		}
		if len(value) > longestField {
			return nil, tooLarge()
		}
		if err := in.note(part.FormName(), value); err != nil {
			return nil, err
		}
	}
}

// note takes a field of a form.
func (in *sent) note(name string, value []byte) error {
	switch name {
	case "cacheControl":
		in.cacheControl = "max-age=" + string(value)
	case "contentType":
		in.mediaType = string(value)
	case "metadata", "userMetadata":
		if !isObject(value) {
			return nil // as Supabase does
		}
		if strings.Contains(string(value), `\u0000`) {
			return invalidRequest("metadata has a NUL character")
		}
		in.own = json.RawMessage(value)
	}
	if !headerText(in.cacheControl) || !headerText(in.mediaType) {
		return invalidRequest("cacheControl and contentType must be texts of a header")
	}
	return nil
}

// isObject reports whether value is a JSON object.
func isObject(value []byte) bool {
	var object map[string]any
	return json.Unmarshal(value, &object) == nil
}

// headerText reports whether a text can stand in a header of an answer.
func headerText(s string) bool {
	const longest = 1000 // bytes
	return len(s) <= longest && strings.IndexFunc(s, func(c rune) bool { return c < ' ' || c > '~' }) < 0
}

// rest reads the fields behind the file.
func (in *sent) rest() error {
	if in.form == nil {
		return nil
	}
	part, err := in.next()
	if err == nil && part != nil {
		return invalidRequest("The form has more than one file")
	}
	return err
}

// write streams bytes into a version's file. Errors: EntityTooLarge.
func (f files) write(version string, body io.Reader, limit int64) (size int64, etag string, err error) {
	path, err := f.path(version)
	if err != nil {
		return 0, "", err
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, "", fmt.Errorf("make stored file: %w", err)
	}
	sum := md5.New() //nolint:gosec // an ETag
	size, err = io.Copy(io.MultiWriter(file, sum), io.LimitReader(reading{body}, limit+1))
	err = errors.Join(err, file.Close())
	if err == nil && size > limit {
		err = tooLarge()
	}
	if err != nil {
		return 0, "", errors.Join(err, f.remove(version))
	}
	return size, `"` + hex.EncodeToString(sum.Sum(nil)) + `"`, nil
}

// reading is a client's body: a failure to read it is the client's.
type reading struct{ io.Reader }

func (r reading) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = invalidRequest("The body ends before its time: " + err.Error())
	}
	return n, err
}

// duplicate copies a version's file.
func (f files) duplicate(from, to string) error {
	path, err := f.path(from)
	if err != nil {
		return err
	}
	source, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return noSuchKey()
	}
	if err != nil {
		return fmt.Errorf("read stored file: %w", err)
	}
	defer source.Close()
	target, err := os.OpenFile(filepath.Join(f.folder, to), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("make stored file: %w", err)
	}
	_, err = io.Copy(target, source)
	if err = errors.Join(err, target.Close()); err != nil {
		return errors.Join(err, f.remove(to))
	}
	return nil
}
