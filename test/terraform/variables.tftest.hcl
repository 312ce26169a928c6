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
      LOG_LEVEL             = "warn"
    })
    error_message = "The environment is ${jsonencode(aws_lambda_function.signaling.environment[0].variables)}."
  }

  assert {
    condition     = aws_lambda_function.signaling.logging_config[0].application_log_level == "WARN"
    error_message = "Lambda's own filter is to follow `log_level`."
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
