# Deployments in two regions, and two stages in one of them. Each is an island: peers of one never meet peers of another,
# so clients of one room have to choose the same one.

terraform {
  required_version = ">= 1.9"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 7.0"
    }
  }
}

provider "aws" {
  alias  = "america"
  region = "us-east-1"
}

provider "aws" {
  alias  = "europe"
  region = "eu-central-1"
}

module "america" {
  source    = "../../modules/signaling"
  providers = { aws = aws.america }

  aws_region = "us-east-1"
}

module "europe" {
  source    = "../../modules/signaling"
  for_each  = toset(["dev", "prod"])
  providers = { aws = aws.europe }

  aws_region = "eu-central-1"
  stage      = each.key

  # A module may wait for another: this one has no provider block.
  depends_on = [module.america]
}

output "websocket_urls" {
  description = "URLs that clients connect to, by region and stage."
  value = merge(
    { "us-east-1 prod" = module.america.websocket_url },
    { for stage, deployment in module.europe : "eu-central-1 ${stage}" => deployment.websocket_url },
  )
}
