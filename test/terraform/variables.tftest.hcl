# Where the variables arrive.

mock_provider "aws" {
  source = "./test/terraform/fixtures"
}

variables {
  lambda_package_path = "test/terraform/fixtures/lambda.zip"
}

run "hands_the_settings_to_the_function" {
  variables {
    nearest_peers         = 8
    far_peers             = 0
    duplicate_peer_policy = "reject"
    allowed_origins       = ["https://app.example.com", "https://*.example.org", "http://localhost:8080"]
    allow_missing_origin  = false
    log_level             = "warn"
    auth_mode             = "jwt"
    auth_at_connect       = true
    auth_peer_id_claim    = ""
    auth_rooms_claim      = "https://example.com/rooms"
    jwt_issuer            = "https://id.example.com/tenant/"
    jwt_audience          = ["mesh", "https://mesh.example.com"]
    client_rate_limit     = 5
    client_burst_limit    = 50
    join_deadline_seconds = 15
    stun_urls             = ["stun:stun.example.com", "stun:192.0.2.1:3478"]
    turn_urls             = ["turn:turn.example.com:3478?transport=udp", "turns:[2001:db8::1]:443"]
    turn_secret_name      = "secretsmanager:p2pmesh/turn"
  }

  assert {
    condition = aws_lambda_function.signaling.environment[0].variables == tomap({
      TABLE_NAME            = "p2pmesh-signaling-prod"
      CALLBACK_ENDPOINT     = "https://a1b2c3d4e5.execute-api.us-east-1.amazonaws.com/prod"
      NEAREST_PEERS         = "8"
      FAR_PEERS             = "0"
      DUPLICATE_PEER_POLICY = "reject"
      ALLOWED_ORIGINS       = "https://app.example.com,https://*.example.org,http://localhost:8080"
      ALLOW_MISSING_ORIGIN  = "false"
      AUTH_MODE             = "jwt"
      AUTH_AT_CONNECT       = "true"
      AUTH_PEER_ID_CLAIM    = ""
      AUTH_ROOMS_CLAIM      = "https://example.com/rooms"
      AUTH_SECRET_NAME      = ""
      JWT_ISSUER            = "https://id.example.com/tenant/"
      JWT_AUDIENCE          = "mesh,https://mesh.example.com"
      JWT_JWKS_URL          = "https://id.example.com/tenant/.well-known/jwks.json"
      CLIENT_RATE_LIMIT     = "5"
      CLIENT_BURST_LIMIT    = "50"
      JOIN_DEADLINE_SECONDS = "15"
      STUN_URLS             = "stun:stun.example.com,stun:192.0.2.1:3478"
      TURN_URLS             = "turn:turn.example.com:3478?transport=udp,turns:[2001:db8::1]:443"
      TURN_SECRET_NAME      = "secretsmanager:p2pmesh/turn"
      LOG_LEVEL             = "warn"
    })
    error_message = "The environment is ${jsonencode(aws_lambda_function.signaling.environment[0].variables)}."
  }

  assert {
    condition     = aws_lambda_function.signaling.logging_config[0].application_log_level == "WARN"
    error_message = "Lambda's own filter is to follow `log_level`."
  }
}

run "prefers_a_jwks_url_that_is_set" {
  variables {
    auth_mode    = "jwt"
    jwt_issuer   = "https://id.example.com"
    jwt_audience = ["mesh"]
    jwt_jwks_url = "https://keys.example.com/v2?tenant=1"
  }

  assert {
    condition     = aws_lambda_function.signaling.environment[0].variables.JWT_JWKS_URL == "https://keys.example.com/v2?tenant=1"
    error_message = "The keys are taken from ${aws_lambda_function.signaling.environment[0].variables.JWT_JWKS_URL}."
  }
}

run "tells_the_function_where_its_secrets_are_and_not_what" {
  variables {
    auth_mode        = "shared_secret"
    auth_secret_name = "ssm:/p2pmesh/tokens"
  }

  assert {
    condition = (
      aws_lambda_function.signaling.environment[0].variables.AUTH_MODE == "shared_secret" &&
      aws_lambda_function.signaling.environment[0].variables.AUTH_SECRET_NAME == "ssm:/p2pmesh/tokens"
    )
    error_message = "The environment is ${jsonencode(aws_lambda_function.signaling.environment[0].variables)}."
  }
}

run "throttles_joins_below_the_stage" {
  command = plan

  variables {
    join_throttling_rate_limit  = 20
    join_throttling_burst_limit = 10
  }

  assert {
    condition = (
      one(aws_apigatewayv2_stage.signaling.route_settings).throttling_rate_limit == 20 &&
      one(aws_apigatewayv2_stage.signaling.route_settings).throttling_burst_limit == 10
    )
    error_message = "The routes' settings are ${jsonencode(aws_apigatewayv2_stage.signaling.route_settings)}."
  }
}

run "lowers_the_throttle_of_joins_with_that_of_the_stage" {
  command = plan

  variables {
    throttling_rate_limit  = 100
    throttling_burst_limit = 50
  }

  assert {
    condition = (
      one(aws_apigatewayv2_stage.signaling.route_settings).throttling_rate_limit == 100 &&
      one(aws_apigatewayv2_stage.signaling.route_settings).throttling_burst_limit == 50
    )
    error_message = "The routes' settings are ${jsonencode(aws_apigatewayv2_stage.signaling.route_settings)}."
  }
}

run "encrypts_table_logs_and_environment_under_a_key_that_is_set" {
  command = plan

  variables {
    kms_key_arn = "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-000000000002"
  }

  assert {
    condition = toset([
      aws_dynamodb_table.connections.server_side_encryption[0].kms_key_arn,
      aws_cloudwatch_log_group.signaling.kms_key_id,
      aws_lambda_function.signaling.kms_key_arn,
    ]) == toset([var.kms_key_arn])
    error_message = "The key does not arrive everywhere."
  }

  assert {
    condition     = aws_dynamodb_table.connections.server_side_encryption[0].enabled
    error_message = "A key that is not enabled is not used."
  }
}

run "protects_and_backs_up_the_table_when_asked" {
  command = plan

  variables {
    table_deletion_protection    = true
    table_point_in_time_recovery = true
  }

  assert {
    condition = (
      aws_dynamodb_table.connections.deletion_protection_enabled &&
      aws_dynamodb_table.connections.point_in_time_recovery[0].enabled
    )
    error_message = "The table is neither protected nor backed up."
  }
}

run "builds_the_callback_endpoint_of_another_partition_and_stage" {
  variables {
    aws_region = "cn-north-1"
    stage      = "dev"
  }

  override_data {
    target = data.aws_partition.current
    values = { dns_suffix = "amazonaws.com.cn" }
  }

  assert {
    condition     = output.callback_endpoint == "https://a1b2c3d4e5.execute-api.cn-north-1.amazonaws.com.cn/dev"
    error_message = "callback_endpoint is ${output.callback_endpoint}."
  }
}

run "prefers_a_callback_endpoint_that_is_set" {
  variables {
    callback_endpoint = "http://localhost:4566/_aws/execute-api/a1b2c3d4e5/prod"
  }

  assert {
    condition = toset([output.callback_endpoint, aws_lambda_function.signaling.environment[0].variables.CALLBACK_ENDPOINT]) == toset([
      "http://localhost:4566/_aws/execute-api/a1b2c3d4e5/prod",
    ])
    error_message = "callback_endpoint is ${output.callback_endpoint}."
  }
}

run "lets_tags_add_and_replace" {
  command = plan

  variables {
    tags = { ManagedBy = "the platform team", Team = "realtime" }
  }

  assert {
    condition = tomap(local.tags) == tomap({
      Project   = "p2pmesh-signaling"
      Stage     = "prod"
      ManagedBy = "the platform team"
      Team      = "realtime"
    })
    error_message = "The tags are ${jsonencode(local.tags)}."
  }
}
