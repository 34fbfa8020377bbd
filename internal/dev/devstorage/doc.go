// Package devstorage is the file storage of the development server: Supabase's
// /storage/v1 as supabase-js uses it. Buckets and objects stand in schema
// storage; the policies of storage.objects and storage.buckets, looked at as the
// caller, decide each access; the bytes lie in a folder.
//
// A file's name on disk is a random one and never comes from a client, so no
// object's name leads anywhere. Bodies are bounded and go to disk as they come.
// It has no image transformation, no resumable uploads and no S3 protocol, and
// says so. It is never mounted against a real Supabase project.
package devstorage
