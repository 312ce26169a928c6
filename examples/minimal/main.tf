# One deployment, as a module of another configuration. Outside of this repository the source is
# git::https://…/p2pmesh-signaling.git//modules/signaling?ref=<a tag>

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
  region = "us-east-1"
}

module "signaling" {
  source = "../../modules/signaling"

  aws_region      = "us-east-1" # the provider's
  allowed_origins = ["https://app.example.com"]
}

output "websocket_url" {
  description = "URL that clients connect to."
  value       = module.signaling.websocket_url
}
