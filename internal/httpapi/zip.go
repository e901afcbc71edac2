package httpapi

import (
	"net/http"
)

// zip sends a selection, packed while it is sent. What was prepared for it is
// named by an id that only its owner knows.
func (s *Server) zip(w http.ResponseWriter, r *http.Request) error {
	lib, err := s.library(r)
	if err != nil {
		return err
	}
	z, err := lib.OpenZip(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	fileHeaders(w.Header())
	w.Header().Set("Content-Type", "application/zip")
	w.Header().Set("Content-Disposition", dispositionOf("attachment", z.Name))
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodHead {
		return nil
	}
	if err := z.Write(r.Context(), w); err != nil {
		if r.Context().Err() == nil {
			s.o.Log.Warn("An archive broke off", "err", err)
		}
		panic(http.ErrAbortHandler) // so that nobody takes it for whole
	}
	return nil
}
