package devstorage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// object is a row of storage.objects as clients see it.
type object struct {
	ID       string          `json:"id"`
	Bucket   string          `json:"bucket_id"`
	Name     string          `json:"name"`
	Owner    string          `json:"owner"`
	OwnerID  string          `json:"owner_id"`
	Version  string          `json:"version"`
	Metadata json.RawMessage `json:"metadata"`
	Own      json.RawMessage `json:"user_metadata"`
	Created  time.Time       `json:"created_at"`
	Updated  time.Time       `json:"updated_at"`
	Accessed time.Time       `json:"last_accessed_at"`
}

// metadata is what is known of an object's bytes.
type metadata struct {
	ETag         string    `json:"eTag"`
	Size         int64     `json:"size"`
	Type         string    `json:"mimetype"`
	CacheControl string    `json:"cacheControl"`
	LastModified time.Time `json:"lastModified"`
	Length       int64     `json:"contentLength"`
	Status       int       `json:"httpStatusCode"`
}

func (o *object) metadata() (m metadata) {
	_ = json.Unmarshal(o.Metadata, &m) // rows can be written by others, in any form
	return m
}

func scanObject(row pgx.CollectableRow) (o object, err error) {
	err = row.Scan(&o.ID, &o.Bucket, &o.Name, &o.OwnerID, &o.Version, &o.Metadata, &o.Own, &o.Created, &o.Updated, &o.Accessed)
	o.Owner = o.OwnerID
	return o, err
}

// findObject returns an object that the transaction's caller may see. Errors: NoSuchKey.
func (h *Handler) findObject(ctx context.Context, tx pgx.Tx, at place) (object, error) {
	if !plainText(at.bucket) || !plainText(at.key) {
		return object{}, noSuchKey()
	}
	rows, err := tx.Query(ctx, h.sql["object"], at.bucket, at.key)
	if err != nil {
		return object{}, fmt.Errorf("find object: %w", err)
	}
	o, err := pgx.CollectExactlyOneRow(rows, scanObject)
	if errors.Is(err, pgx.ErrNoRows) {
		return object{}, noSuchKey()
	}
	return o, err
}

// objectAs returns an object with a caller's rights.
func (h *Handler) objectAs(ctx context.Context, who caller, operation string, at place) (o object, err error) {
	err = h.as(ctx, who, operation, func(ctx context.Context, tx pgx.Tx) (err error) {
		o, err = h.findObject(ctx, tx, at)
		return err
	})
	return o, known(err, "")
}

// deleteRows deletes objects that the transaction's caller may delete; nil names
// mean all of the bucket.
func (h *Handler) deleteRows(ctx context.Context, tx pgx.Tx, bucket string, names []string) ([]object, error) {
	rows, err := tx.Query(ctx, h.sql["objects_delete"], bucket, names)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanObject)
}

// forget deletes the bytes of objects whose rows are gone.
func (h *Handler) forget(ctx context.Context, gone []object) {
	for _, o := range gone {
		h.forgetVersion(ctx, o.Version)
	}
}

// forgetVersion deletes bytes that no row names any more. A failure costs space
// alone.
func (h *Handler) forgetVersion(ctx context.Context, version string) {
	if err := h.files.remove(version); err != nil {
		h.log.LogAttrs(ctx, slog.LevelWarn, "delete a stored file", slog.Any("error", err))
	}
}

// removeObject is DELETE /object/{bucket}/{key}.
func (h *Handler) removeObject(w http.ResponseWriter, r *http.Request, who caller, at place) error {
	if _, err := h.objectAs(r.Context(), itself(), "", at); err != nil {
		return err
	}
	var gone []object
	err := h.as(r.Context(), who, "storage.object.delete", func(ctx context.Context, tx pgx.Tx) (err error) {
		gone, err = h.deleteRows(ctx, tx, at.bucket, []string{at.key})
		if err == nil && len(gone) == 0 {
			return accessDenied("Access denied")
		}
		return err
	})
	if err != nil {
		return known(err, "")
	}
	h.forget(r.Context(), gone)
	h.send(w, http.StatusOK, message("Successfully deleted"))
	return nil
}

// mostNames is how many objects one request may name.
const mostNames = 1000

// removeObjects is DELETE /object/{bucket}: those of a list that the caller may
// delete.
func (h *Handler) removeObjects(w http.ResponseWriter, r *http.Request, who caller, bucket string) error {
	var in struct {
		Names []string `json:"prefixes"`
	}
	if err := read(w, r, &in); err != nil {
		return err
	}
	if err := checkNames("prefixes", in.Names); err != nil {
		return err
	}
	if !plainText(bucket) {
		return noSuchBucket()
	}
	gone := []object{}
	err := h.as(r.Context(), who, "storage.object.delete_many", func(ctx context.Context, tx pgx.Tx) error {
		rows, err := h.deleteRows(ctx, tx, bucket, in.Names)
		gone = append(gone, rows...)
		return err
	})
	if err != nil {
		return known(err, "")
	}
	h.forget(r.Context(), gone)
	h.send(w, http.StatusOK, gone)
	return nil
}

func checkNames(field string, names []string) error {
	if len(names) == 0 || len(names) > mostNames {
		return invalidRequest(fmt.Sprintf("body/%s must have 1 to %d items", field, mostNames))
	}
	for _, name := range names {
		if !plainText(name) {
			return invalidKey(name)
		}
	}
	return nil
}

// transfer is the body of a move or a copy.
type transfer struct {
	Bucket   string `json:"bucketId"`
	From     string `json:"sourceKey"`
	To       string `json:"destinationKey"`
	ToBucket string `json:"destinationBucket"`
}

func readTransfer(w http.ResponseWriter, r *http.Request) (from, to place, err error) {
	var in transfer
	if err := read(w, r, &in); err != nil {
		return place{}, place{}, err
	}
	if in.Bucket == "" || in.From == "" || in.To == "" {
		return place{}, place{}, invalidRequest("body must have required properties 'bucketId', 'sourceKey' and 'destinationKey'")
	}
	if in.ToBucket == "" {
		in.ToBucket = in.Bucket
	}
	if !plainText(in.ToBucket) {
		return place{}, place{}, noSuchBucket()
	}
	return place{in.Bucket, in.From}, place{in.ToBucket, in.To}, checkKey(in.To)
}

// move is POST /object/move. The bytes stay where they are.
func (h *Handler) move(w http.ResponseWriter, r *http.Request, who caller) error {
	from, to, err := readTransfer(w, r)
	if err != nil {
		return err
	}
	var o object
	err = h.as(r.Context(), who, "storage.object.move", func(ctx context.Context, tx pgx.Tx) error {
		if o, err = h.findObject(ctx, tx, from); err != nil {
			return err
		}
		done, err := tx.Exec(ctx, h.sql["object_move"], from.bucket, from.key, to.bucket, to.key, who.owner)
		if err == nil && done.RowsAffected() == 0 {
			return noSuchKey()
		}
		return err
	})
	if err != nil {
		return known(err, "KeyAlreadyExists")
	}
	h.send(w, http.StatusOK, map[string]string{"message": "Successfully moved", "Id": o.ID, "Key": to.key})
	return nil
}

// copy is POST /object/copy.
func (h *Handler) copy(w http.ResponseWriter, r *http.Request, who caller) error {
	from, to, err := readTransfer(w, r)
	if err != nil {
		return err
	}
	source, err := h.objectAs(r.Context(), who, "storage.object.copy", from)
	if err != nil {
		return err
	}
	if _, err := h.bucketOf(r.Context(), to.bucket); err != nil {
		return err
	}
	n := upload{
		at: to, owner: who.owner, upsert: r.Header.Get("X-Upsert") == "true", operation: "storage.object.copy",
		id: uuid.NewString(), version: uuid.NewString(), own: source.Own, metadata: source.metadata(),
	}
	if err := h.mayUpload(r.Context(), who, n); err != nil {
		return err
	}
	if err := h.files.duplicate(source.Version, n.version); err != nil {
		return err
	}
	n.metadata.LastModified = h.now().UTC()
	id, err := h.finish(r.Context(), n)
	if err != nil {
		return err
	}
	h.send(w, http.StatusOK, map[string]string{"Id": id, "Key": to.bucket + "/" + to.key})
	return nil
}
