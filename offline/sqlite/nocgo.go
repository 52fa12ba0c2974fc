//go:build !cgo

// Two packages in one folder stop the go tool at its first step, so whoever
// builds without a C compiler reads this name instead of pages of undefined ones.
package counterfoil_needs_a_C_compiler__install_gcc_and_leave_CGO_ENABLED_on
