# One deployment in each of two regions, for one set of clients. A room is at home in one of them; the clients choose which, and
# use the other if its home cannot be reached.

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
  region = var.regions.america
}

provider "aws" {
  alias  = "europe"
  region = var.regions.europe
}

# A client that may join in one region must be able to join in the other, so both have the same rules: the same origins, and with
# tokens the same issuer or secret. Each has to carry the rooms of both while the other one is away.

module "america" {
  source    = "../../modules/signaling" # outside of this repository: git::https://…//modules/signaling?ref=<a tag>
  providers = { aws = aws.america }

  aws_region      = var.regions.america
  stage           = var.stage
  allowed_origins = var.allowed_origins
  create_alarms   = var.create_alarms
}

module "europe" {
  source    = "../../modules/signaling"
  providers = { aws = aws.europe }

  aws_region      = var.regions.europe
  stage           = var.stage
  allowed_origins = var.allowed_origins
  create_alarms   = var.create_alarms
}
