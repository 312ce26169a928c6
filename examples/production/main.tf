# One deployment with everything that production may want switched on. Take what you need: most deployments need neither a
# VPC nor provisioned concurrency. Apply it twice: `disable_execute_api_endpoint` waits until the domain's name resolves.

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
  region = var.aws_region
}


module "signaling" {
  source = "../../modules/signaling" # outside of this repository: git::https://…//modules/signaling?ref=<a tag>

  aws_region = var.aws_region
  stage      = "prod"
  tags       = { Team = "realtime" }

  # Who connects, and where
  allowed_origins              = ["https://app.${var.domain_name}"]
  domain_name                  = "signaling.${var.domain_name}"
  route53_zone_id              = var.route53_zone_id
  ip_address_type              = "dualstack"
  disable_execute_api_endpoint = var.disable_execute_api_endpoint
  callback_endpoint            = var.callback_endpoint

  # What runs
  create_artifact_bucket         = true
  artifact_bucket_force_destroy  = var.force_destroy
  function_version               = var.function_version
  lambda_reserved_concurrency    = 100
  lambda_provisioned_concurrency = 2
  xray_tracing                   = true
  log_retention_days             = 90

  # Its network and its permissions
  vpc_subnet_ids         = aws_subnet.private[*].id
  vpc_security_group_ids = [aws_security_group.function.id]
  permissions_boundary   = aws_iam_policy.boundary.arn
  iam_role_path          = "/signaling/"

  # Who watches it
  metrics                = "on"
  create_dashboard       = true
  create_alarms          = true
  alarm_actions          = [aws_sns_topic.alarms.arn]
  ok_actions             = [aws_sns_topic.alarms.arn]
  create_access_logs     = true
  manage_account_logging = var.manage_account_logging

  # Its table
  table_point_in_time_recovery = true
  table_deletion_protection    = !var.force_destroy
}

# Subscribe to it: `aws sns subscribe --protocol email`.
resource "aws_sns_topic" "alarms" {
  name_prefix = "signaling-alarms-"
}

# The most that the function's role may ever do, whatever its policy says.
resource "aws_iam_policy" "boundary" {
  name_prefix = "signaling-boundary-"
  path        = "/signaling/"
  policy      = data.aws_iam_policy_document.boundary.json
}

data "aws_iam_policy_document" "boundary" {
  statement {
    sid = "ServicesOfSignaling"
    actions = [
      "dynamodb:DeleteItem",
      "dynamodb:GetItem",
      "dynamodb:PutItem",
      "dynamodb:Query",
      "dynamodb:UpdateItem",
      "ec2:AssignPrivateIpAddresses",
      "ec2:CreateNetworkInterface",
      "ec2:DeleteNetworkInterface",
      "ec2:DescribeNetworkInterfaces",
      "ec2:DescribeSubnets",
      "ec2:UnassignPrivateIpAddresses",
      "execute-api:ManageConnections",
      "logs:CreateLogStream",
      "logs:PutLogEvents",
      "xray:PutTelemetryRecords",
      "xray:PutTraceSegments",
    ]
    resources = ["*"]
  }
}
