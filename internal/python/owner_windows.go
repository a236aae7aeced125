package python

// trusted is true: on Windows, directories above a user's own are not for
// everybody to write to.
func trusted(string, string) bool { return true }
