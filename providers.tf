# In the region that the state remembers, so that `terraform destroy` with another `aws_region` still finds the deployment.
provider "aws" {
  region = try(terraform_data.deployment.input.aws_region, var.aws_region)

  default_tags {
    tags = local.tags
  }
}
