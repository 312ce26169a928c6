# One value of each kind that is refused while planning, before AWS would refuse it half-way. slow_validation.tftest.hcl and
# slow_access.tftest.hcl have the others.

mock_provider "aws" {
  source = "./test/terraform/fixtures"
}

variables {
  lambda_package_path = "test/terraform/fixtures/lambda.zip"
}

run "rejects_values_that_aws_would_refuse" {
  command = plan

  variables {
    aws_region                  = "us-east-"
    project_name                = "p2p_mesh"
    stage                       = "production"
    ip_address_type             = "ipv6"
    allowed_origins             = ["https://app.example.com/"]
    throttling_rate_limit       = 0
    throttling_burst_limit      = 0
    lambda_runtime              = "nodejs20.x"
    lambda_memory_size          = 127
    lambda_timeout              = 901
    lambda_reserved_concurrency = -2
    log_level                   = "trace"
    log_retention_days          = 31
    nearest_peers               = 17
    far_peers                   = -1
    duplicate_peer_policy       = "ignore"
    callback_endpoint           = "wss://signal.example.com/prod"
    auth_mode                   = "basic"
    auth_peer_id_claim          = "sub "
    auth_rooms_claim            = "rooms, room"
    client_rate_limit           = 0
    client_burst_limit          = 10001
    join_deadline_seconds       = 4
    stun_urls                   = ["stun://stun.example.com"]
    turn_urls                   = ["turn://turn.example.com"]
    turn_credential_seconds     = 599

    route53_zone_id       = "example.com"
    lambda_package_sha256 = "abc"
    artifact_bucket       = "Packages"
    function_version      = "$LATEST"
    vpc_subnet_ids        = ["subnet-x"]
    permissions_boundary  = "boundary"
    iam_role_path         = "signaling"
  }

  expect_failures = [
    var.aws_region,
    var.project_name,
    var.stage,
    var.ip_address_type,
    var.allowed_origins,
    var.throttling_rate_limit,
    var.throttling_burst_limit,
    var.lambda_runtime,
    var.lambda_memory_size,
    var.lambda_timeout,
    var.lambda_reserved_concurrency,
    var.log_level,
    var.log_retention_days,
    var.nearest_peers,
    var.far_peers,
    var.route53_zone_id,
    var.lambda_package_sha256,
    var.artifact_bucket,
    var.function_version,
    var.vpc_subnet_ids,
    var.permissions_boundary,
    var.iam_role_path,
    var.duplicate_peer_policy,
    var.callback_endpoint,
    var.auth_mode,
    var.auth_peer_id_claim,
    var.auth_rooms_claim,
    var.client_rate_limit,
    var.client_burst_limit,
    var.join_deadline_seconds,
    var.stun_urls,
    var.turn_urls,
    var.turn_credential_seconds,
  ]
}

# By themselves: Terraform does not look at a rule that names a variable that is refused already.
run "rejects_settings_that_lack_their_counterpart" {
  command = plan

  variables {
    tags                        = { stage = "prod" }
    auth_mode                   = "jwt"
    turn_urls                   = ["turn:turn.example.com"]
    join_throttling_rate_limit  = 1001
    join_throttling_burst_limit = 501
    kms_key_arn                 = "arn:aws:kms:eu-central-1:123456789012:key/00000000-0000-0000-0000-000000000002"

    disable_execute_api_endpoint   = true
    artifact_bucket                = "packages"
    create_artifact_bucket         = true
    lambda_reserved_concurrency    = 1
    lambda_provisioned_concurrency = 2
    vpc_subnet_ids                 = ["subnet-0123456789abcdef0"]
  }

  expect_failures = [
    var.disable_execute_api_endpoint,
    var.artifact_bucket,
    var.lambda_provisioned_concurrency,
    var.vpc_security_group_ids,
    var.tags,
    var.jwt_issuer,
    var.jwt_audience,
    var.turn_secret_name,
    var.join_throttling_rate_limit,
    var.join_throttling_burst_limit,
    var.kms_key_arn,
  ]
}

run "rejects_more_settings_than_lambda_has_room_for" {
  command = plan

  variables {
    allowed_origins = [for number in range(1000, 1200) : "https://${number}.example.com"]
  }

  expect_failures = [aws_lambda_function.signaling_server]
}
