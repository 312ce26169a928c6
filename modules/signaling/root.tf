# The other files here are links to the files of the same name at the repository's root.

locals {
  root = "${path.module}/../.."
}
