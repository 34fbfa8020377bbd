package pgserver

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
)

// Account is the OS user that the server runs as. The zero value is the user
// who runs this process.
type Account struct {
	Name     string
	uid, gid uint32
}

// ServerAccount returns who runs the server. PostgreSQL refuses to run as
// root, so root gets postgres, else nobody; everybody else runs it himself.
func ServerAccount() (Account, error) {
	if os.Geteuid() != 0 {
		return Account{}, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, errUID := strconv.ParseUint(u.Uid, 10, 32)
		gid, errGID := strconv.ParseUint(u.Gid, 10, 32)
		if errUID == nil && errGID == nil && uid != 0 {
			return Account{Name: name, uid: uint32(uid), gid: uint32(gid)}, nil
		}
	}
	return Account{}, errors.New("running as root, and there is no OS user postgres or nobody to run PostgreSQL as")
}

// Own gives path to the account; a no-op for the running user himself.
func (a Account) Own(path string) error {
	if a.Name == "" {
		return nil
	}
	return os.Lchown(path, int(a.uid), int(a.gid))
}

// OwnTree gives path and all below it to the account.
func (a Account) OwnTree(path string) error {
	if a.Name == "" {
		return nil
	}
	return filepath.WalkDir(path, func(p string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return a.Own(p)
	})
}

// CanReach reports whether the account may walk to path: each folder above must
// let others through. It errs towards no: groups and ACLs are not looked at.
func (a Account) CanReach(path string) (bool, error) {
	if a.Name == "" {
		return true, nil
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return false, fmt.Errorf("reach %s: %w", path, err)
	}
	for dir := filepath.Dir(abs); ; dir = filepath.Dir(dir) {
		info, err := os.Stat(dir)
		switch {
		case errors.Is(err, os.ErrNotExist): // will be made by us, open enough
		case err != nil:
			return false, fmt.Errorf("reach %s: %w", path, err)
		case info.Mode().Perm()&0o001 == 0:
			return false, nil
		}
		if dir == filepath.Dir(dir) {
			return true, nil
		}
	}
}
