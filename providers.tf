# The part of the configuration that a module must not have. modules/signaling is all the rest of this folder: a module
# with a provider block could not be used twice, with `for_each` or with `depends_on`.

locals {
  root = path.module
}

# In the region that the state remembers, so that `terraform destroy` with another `aws_region` still finds the deployment.
provider "aws" {
  region = try(terraform_data.deployment.input.aws_region, var.aws_region)
}
