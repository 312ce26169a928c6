# What `terraform apply` deploys when nothing is set.

mock_provider "aws" {
  source = "./test/terraform/fixtures"
}

variables {
  lambda_package_path = "test/terraform/fixtures/lambda.zip"
}

run "names_everything_after_project_and_stage" {
  command = plan

  assert {
    condition = toset([
      aws_apigatewayv2_api.signaling.name,
      aws_dynamodb_table.connections.name,
      aws_iam_role.signaling.name,
      aws_iam_role_policy.signaling.name,
      aws_lambda_function.signaling.function_name,
    ]) == toset(["p2pmesh-signaling-prod"])
    error_message = "API, table, role, policy and function are to have the same name."
  }

  assert {
    condition     = aws_cloudwatch_log_group.signaling.name == "/aws/lambda/p2pmesh-signaling-prod"
    error_message = "The log group is ${aws_cloudwatch_log_group.signaling.name}."
  }

  assert {
    condition     = tomap(local.tags) == tomap({ Project = "p2pmesh-signaling", Stage = "prod", ManagedBy = "terraform" })
    error_message = "The tags are ${jsonencode(local.tags)}."
  }
}

run "runs_a_small_arm64_function_on_node_22" {
  command = plan

  assert {
    condition = (
      aws_lambda_function.signaling.runtime == "nodejs22.x" &&
      aws_lambda_function.signaling.handler == "index.handler" &&
      aws_lambda_function.signaling.architectures == tolist(["arm64"]) &&
      aws_lambda_function.signaling.memory_size == 512 &&
      aws_lambda_function.signaling.timeout == 30 &&
      aws_lambda_function.signaling.reserved_concurrent_executions == -1
    )
    error_message = "Runtime, handler, architecture, memory, timeout or concurrency differ."
  }
}

run "logs_as_json_into_its_own_group_for_30_days" {
  command = plan

  assert {
    condition = (
      aws_lambda_function.signaling.logging_config[0].log_group == aws_cloudwatch_log_group.signaling.name &&
      aws_lambda_function.signaling.logging_config[0].log_format == "JSON" &&
      aws_lambda_function.signaling.logging_config[0].application_log_level == "INFO" &&
      aws_lambda_function.signaling.logging_config[0].system_log_level == "WARN"
    )
    error_message = "The logging is ${jsonencode(aws_lambda_function.signaling.logging_config)}."
  }

  assert {
    condition     = aws_cloudwatch_log_group.signaling.retention_in_days == 30
    error_message = "Lines are kept for ${aws_cloudwatch_log_group.signaling.retention_in_days} days."
  }
}

run "always_throttles_the_stage_and_never_traces_bodies" {
  command = plan

  assert {
    condition = (
      aws_apigatewayv2_stage.signaling.name == "prod" &&
      aws_apigatewayv2_stage.signaling.default_route_settings[0].throttling_rate_limit == 1000 &&
      aws_apigatewayv2_stage.signaling.default_route_settings[0].throttling_burst_limit == 500 &&
      aws_apigatewayv2_stage.signaling.default_route_settings[0].data_trace_enabled == false &&
      aws_apigatewayv2_stage.signaling.default_route_settings[0].detailed_metrics_enabled == false
    )
    error_message = "The stage's settings are ${jsonencode(aws_apigatewayv2_stage.signaling.default_route_settings)}."
  }

  # Whatever a route's block leaves out is not the stage's but 0 and false: every join would be refused.
  assert {
    condition = jsonencode([for route in aws_apigatewayv2_stage.signaling.route_settings : {
      route  = route.route_key
      rate   = route.throttling_rate_limit
      burst  = route.throttling_burst_limit
      traces = route.data_trace_enabled
      meters = route.detailed_metrics_enabled
    }]) == jsonencode([{ route = "join", rate = 200, burst = 200, traces = false, meters = false }])
    error_message = "The routes' settings are ${jsonencode(aws_apigatewayv2_stage.signaling.route_settings)}."
  }
}

run "keeps_presence_in_an_on_demand_table_that_forgets" {
  command = plan

  assert {
    condition = (
      aws_dynamodb_table.connections.billing_mode == "PAY_PER_REQUEST" &&
      aws_dynamodb_table.connections.hash_key == "pk" &&
      aws_dynamodb_table.connections.range_key == "sk" &&
      { for attribute in aws_dynamodb_table.connections.attribute : attribute.name => attribute.type } == { pk = "S", sk = "S" } &&
      aws_dynamodb_table.connections.ttl[0].attribute_name == "expiresAt" &&
      aws_dynamodb_table.connections.ttl[0].enabled
    )
    error_message = "The table's keys, billing or TTL differ."
  }

  assert {
    condition     = length(coalesce(aws_dynamodb_table.connections.global_secondary_index, [])) == 0
    error_message = "An index is eventually consistent and would miss a peer that has just joined."
  }
}

# Each of these costs money or stands in the way of `terraform destroy`.
run "turns_on_nothing_that_nobody_asked_for" {
  command = plan

  assert {
    condition = (
      !aws_dynamodb_table.connections.deletion_protection_enabled &&
      !aws_dynamodb_table.connections.point_in_time_recovery[0].enabled &&
      !aws_dynamodb_table.connections.server_side_encryption[0].enabled
    )
    error_message = "The table is protected, backed up or under a key of the account."
  }

  assert {
    condition     = aws_cloudwatch_log_group.signaling.kms_key_id == null && aws_lambda_function.signaling.kms_key_arn == null
    error_message = "The log group or the function is under a key of the account."
  }
}

run "tells_the_function_all_it_needs_and_no_more" {
  assert {
    condition = aws_lambda_function.signaling.environment[0].variables == tomap({
      TABLE_NAME            = "p2pmesh-signaling-prod"
      CALLBACK_ENDPOINT     = "https://a1b2c3d4e5.execute-api.us-east-1.amazonaws.com/prod"
      NEAREST_PEERS         = "5"
      FAR_PEERS             = "3"
      DUPLICATE_PEER_POLICY = "replace"
      ALLOWED_ORIGINS       = "*"
      ALLOW_MISSING_ORIGIN  = "true"
      AUTH_MODE             = "none"
      AUTH_AT_CONNECT       = "false"
      AUTH_PEER_ID_CLAIM    = "sub"
      AUTH_ROOMS_CLAIM      = "rooms"
      AUTH_SECRET_NAME      = ""
      JWT_ISSUER            = ""
      JWT_AUDIENCE          = ""
      JWT_JWKS_URL          = ""
      CLIENT_RATE_LIMIT     = "20"
      CLIENT_BURST_LIMIT    = "200"
      JOIN_DEADLINE_SECONDS = "60"
      STUN_URLS             = ""
      TURN_URLS             = ""
      TURN_SECRET_NAME      = ""
      LOG_LEVEL             = "info"
    })
    error_message = "The environment is ${jsonencode(aws_lambda_function.signaling.environment[0].variables)}."
  }
}
