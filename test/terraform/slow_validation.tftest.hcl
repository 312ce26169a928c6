# The values that the variables take and refuse. Each run sets one kind of value on every variable that it concerns.

mock_provider "aws" {
  source = "./test/terraform/fixtures"
}

run "takes_the_lowest_values" {
  command = plan

  variables {
    project_name                = "x"
    lambda_memory_size          = 128
    lambda_timeout              = 1
    lambda_reserved_concurrency = 0
    lambda_runtime              = "nodejs22.x"
    log_level                   = "debug"
    log_retention_days          = 1
    throttling_rate_limit       = 1
    throttling_burst_limit      = 1
    join_throttling_rate_limit  = 1
    join_throttling_burst_limit = 1
    nearest_peers               = 1
    far_peers                   = 0
    client_rate_limit           = 1
    client_burst_limit          = 1
    join_deadline_seconds       = 5
    turn_credential_seconds     = 600
  }

  assert {
    condition     = aws_lambda_function.signaling_server.logging_config[0].application_log_level == "DEBUG"
    error_message = "Lambda would drop the lines that `log_level` asks for."
  }
}

run "takes_the_highest_values" {
  command = plan

  variables {
    project_name                = "a-project-name-of-fifty-six-characters-is-the-longest-on"
    stage                       = "staging"
    lambda_memory_size          = 10240
    lambda_timeout              = 900
    lambda_reserved_concurrency = 1000
    log_level                   = "error"
    log_retention_days          = 3653
    throttling_rate_limit       = 10000
    throttling_burst_limit      = 5000
    join_throttling_rate_limit  = 10000
    join_throttling_burst_limit = 5000
    nearest_peers               = 16
    far_peers                   = 8
    client_rate_limit           = 10000
    client_burst_limit          = 10000
    join_deadline_seconds       = 7200
    turn_credential_seconds     = 7200
  }

  assert {
    condition     = length(aws_lambda_function.signaling_server.function_name) == 64
    error_message = "A function's name may have 64 characters; this one has ${length(aws_lambda_function.signaling_server.function_name)}."
  }

  # AWS adds 26 characters to it, and a role's name has 64.
  assert {
    condition = (
      length(aws_iam_role.signaling.name_prefix) <= 38 &&
      endswith(aws_iam_role.signaling.name_prefix, "-us-east-1-") &&
      startswith(aws_iam_role.signaling.name_prefix, "a-project-name-")
    )
    error_message = "The role's name begins with ${aws_iam_role.signaling.name_prefix}."
  }
}

run "takes_null_as_the_default" {
  command = plan

  variables {
    aws_region                  = null
    project_name                = null
    stage                       = null
    tags                        = null
    allowed_origins             = null
    allow_missing_origin        = null
    throttling_rate_limit       = null
    throttling_burst_limit      = null
    lambda_package_path         = null
    lambda_runtime              = null
    lambda_memory_size          = null
    lambda_timeout              = null
    lambda_reserved_concurrency = null
    log_level                   = null
    log_retention_days          = null
    nearest_peers               = null
    far_peers                   = null
    duplicate_peer_policy       = null
    callback_endpoint           = null

    join_throttling_rate_limit   = null
    join_throttling_burst_limit  = null
    table_point_in_time_recovery = null
    table_deletion_protection    = null
    auth_mode                    = null
    auth_at_connect              = null
    auth_max_token_seconds       = null
    auth_peer_id_claim           = null
    auth_rooms_claim             = null
    auth_secret_name             = null
    jwt_issuer                   = null
    jwt_audience                 = null
    jwt_jwks_url                 = null
    client_rate_limit            = null
    client_burst_limit           = null
    join_deadline_seconds        = null
    stun_urls                    = null
    turn_urls                    = null
    turn_credential_seconds      = null
    turn_secret_name             = null
    secrets_kms_key_arn          = null
    kms_key_arn                  = null
  }

  assert {
    condition     = aws_lambda_function.signaling_server.function_name == "p2pmesh-signaling-prod" && aws_lambda_function.signaling_server.timeout == 30
    error_message = "Null is to mean the default."
  }
}

run "rejects_numbers_below_the_range" {
  command = plan

  variables {
    lambda_memory_size          = 127
    lambda_timeout              = 0
    lambda_reserved_concurrency = -2
    lambda_runtime              = "nodejs20.x"
    log_retention_days          = -1
    throttling_rate_limit       = 0
    throttling_burst_limit      = 0
    nearest_peers               = 0
    far_peers                   = -1
    client_rate_limit           = 0
    client_burst_limit          = 0
    join_deadline_seconds       = 4
    turn_credential_seconds     = 599
    auth_max_token_seconds      = -1
  }

  expect_failures = [
    var.client_rate_limit,
    var.client_burst_limit,
    var.join_deadline_seconds,
    var.turn_credential_seconds,
    var.auth_max_token_seconds,
    var.lambda_memory_size,
    var.lambda_timeout,
    var.lambda_reserved_concurrency,
    var.lambda_runtime,
    var.log_retention_days,
    var.throttling_rate_limit,
    var.throttling_burst_limit,
    var.nearest_peers,
    var.far_peers,
  ]
}

run "rejects_numbers_above_the_range" {
  command = plan

  variables {
    lambda_memory_size      = 10241
    lambda_timeout          = 901
    log_retention_days      = 3654
    nearest_peers           = 17
    far_peers               = 9
    client_rate_limit       = 10001
    client_burst_limit      = 10001
    join_deadline_seconds   = 7201
    turn_credential_seconds = 7201
    auth_max_token_seconds  = 31536001
  }

  expect_failures = [
    var.client_rate_limit,
    var.client_burst_limit,
    var.join_deadline_seconds,
    var.turn_credential_seconds,
    var.auth_max_token_seconds,
    var.lambda_memory_size,
    var.lambda_timeout,
    var.log_retention_days,
    var.nearest_peers,
    var.far_peers,
  ]
}

run "rejects_fractions" {
  command = plan

  variables {
    lambda_memory_size          = 512.5
    lambda_timeout              = 1.5
    lambda_reserved_concurrency = 0.5
    log_retention_days          = 30.5
    throttling_rate_limit       = 1.5
    throttling_burst_limit      = 1.5
    nearest_peers               = 5.5
    far_peers                   = 3.5
    client_rate_limit           = 1.5
    client_burst_limit          = 1.5
    join_deadline_seconds       = 5.5
    turn_credential_seconds     = 60.5
    auth_max_token_seconds      = 0.5
  }

  expect_failures = [
    var.client_rate_limit,
    var.client_burst_limit,
    var.join_deadline_seconds,
    var.turn_credential_seconds,
    var.auth_max_token_seconds,
    var.lambda_memory_size,
    var.lambda_timeout,
    var.lambda_reserved_concurrency,
    var.log_retention_days,
    var.throttling_rate_limit,
    var.throttling_burst_limit,
    var.nearest_peers,
    var.far_peers,
  ]
}

run "rejects_a_retention_aws_does_not_offer" {
  command = plan

  variables {
    log_retention_days = 31
  }

  expect_failures = [var.log_retention_days]
}

run "rejects_a_throttle_of_joins_above_the_stage" {
  command = plan

  variables {
    throttling_rate_limit       = 100
    throttling_burst_limit      = 50
    join_throttling_rate_limit  = 101
    join_throttling_burst_limit = 51
  }

  expect_failures = [var.join_throttling_rate_limit, var.join_throttling_burst_limit]
}

# By themselves: Terraform does not look at a rule that names a variable that is refused already.
run "rejects_a_throttle_that_lets_no_join_in" {
  command = plan

  variables {
    join_throttling_rate_limit  = 0
    join_throttling_burst_limit = 0
  }

  expect_failures = [var.join_throttling_rate_limit, var.join_throttling_burst_limit]
}

run "rejects_a_fraction_of_a_join" {
  command = plan

  variables {
    join_throttling_rate_limit  = 1.5
    join_throttling_burst_limit = 1.5
  }

  expect_failures = [var.join_throttling_rate_limit, var.join_throttling_burst_limit]
}

run "rejects_words_that_are_not_offered" {
  command = plan

  variables {
    stage                 = "production"
    lambda_runtime        = "python3.13"
    log_level             = "trace"
    duplicate_peer_policy = "ignore"
    auth_mode             = "basic"
    ip_address_type       = "ipv6"
  }

  expect_failures = [var.ip_address_type, var.stage, var.lambda_runtime, var.log_level, var.duplicate_peer_policy, var.auth_mode]
}

run "rejects_capitals" {
  command = plan

  variables {
    aws_region            = "US-EAST-1"
    project_name          = "P2PMesh"
    stage                 = "Prod"
    lambda_runtime        = "NodeJS22.x"
    log_level             = "INFO"
    duplicate_peer_policy = "Reject"
    auth_mode             = "None"
  }

  expect_failures = [
    var.auth_mode,
    var.aws_region,
    var.project_name,
    var.stage,
    var.lambda_runtime,
    var.log_level,
    var.duplicate_peer_policy,
  ]
}

run "rejects_nothing_where_something_is_needed" {
  command = plan

  variables {
    aws_region            = ""
    project_name          = ""
    stage                 = ""
    allowed_origins       = []
    lambda_runtime        = ""
    log_level             = ""
    duplicate_peer_policy = ""
    callback_endpoint     = ""
    auth_mode             = ""
  }

  expect_failures = [
    var.auth_mode,
    var.aws_region,
    var.project_name,
    var.stage,
    var.allowed_origins,
    var.lambda_runtime,
    var.log_level,
    var.duplicate_peer_policy,
    var.callback_endpoint,
  ]
}

run "rejects_a_trailing_slash_or_hyphen" {
  command = plan

  variables {
    aws_region        = "us-east-"
    project_name      = "p2pmesh-"
    allowed_origins   = ["https://app.example.com/"]
    callback_endpoint = "https://signal.example.com/prod/"
  }

  expect_failures = [var.aws_region, var.project_name, var.allowed_origins, var.callback_endpoint]
}

run "rejects_what_has_no_scheme_and_a_name_too_long" {
  command = plan

  variables {
    project_name      = "a-project-name-of-fifty-six-characters-is-the-longest-one"
    allowed_origins   = ["*", "app.example.com"]
    callback_endpoint = "signal.example.com/prod"
  }

  expect_failures = [var.project_name, var.allowed_origins, var.callback_endpoint]
}

run "rejects_other_schemes_paths_queries_and_underscores" {
  command = plan

  variables {
    project_name      = "p2p_mesh"
    allowed_origins   = ["https://app.example.com/page"]
    callback_endpoint = "wss://signal.example.com/prod?x=1"
  }

  expect_failures = [var.project_name, var.allowed_origins, var.callback_endpoint]
}

run "rejects_two_origins_in_one_item" {
  command = plan

  variables {
    allowed_origins = ["https://a.example.com,https://b.example.com"]
  }

  expect_failures = [var.allowed_origins]
}

run "takes_what_extensions_shells_and_files_send_as_their_origin" {
  command = plan

  variables {
    allowed_origins = [
      "chrome-extension://abcdefghijklmnopabcdefghijklmnop",
      "moz-extension://2c127fa4-62c7-7e4f-90e5-472b45eecfdc",
      "capacitor://localhost",
      "ionic://localhost",
      "app://-",
      "file://",
      "null",
    ]
  }

  assert {
    condition     = endswith(aws_lambda_function.signaling_server.environment[0].variables.ALLOWED_ORIGINS, ",file://,null")
    error_message = "The origins are ${aws_lambda_function.signaling_server.environment[0].variables.ALLOWED_ORIGINS}."
  }
}

# No browser sends one, so it would admit no page and say nothing.
run "rejects_the_url_of_a_socket_as_an_origin" {
  command = plan

  variables {
    allowed_origins = ["wss://app.example.com"]
  }

  expect_failures = [var.allowed_origins]
}

run "rejects_a_wildcard_for_every_extension" {
  command = plan

  variables {
    allowed_origins = ["chrome-extension://*"]
  }

  expect_failures = [var.allowed_origins]
}

run "rejects_a_path_after_any_scheme" {
  command = plan

  variables {
    allowed_origins = ["file:///home/index.html"]
  }

  expect_failures = [var.allowed_origins]
}

run "rejects_a_wildcard_anywhere_but_first" {
  command = plan

  variables {
    allowed_origins = ["https://app.*.example.com"]
  }

  expect_failures = [var.allowed_origins]
}

run "rejects_tags_that_differ_in_case_only_from_ours" {
  command = plan

  variables {
    tags = { stage = "prod" }
  }

  expect_failures = [var.tags]
}

run "rejects_tags_that_differ_in_case_only_from_each_other" {
  command = plan

  variables {
    tags = { Team = "realtime", team = "realtime" }
  }

  expect_failures = [var.tags]
}

run "rejects_tags_that_aws_keeps_for_itself" {
  command = plan

  variables {
    tags = { "AWS:team" = "realtime" }
  }

  expect_failures = [var.tags]
}

run "rejects_tags_with_characters_that_aws_refuses" {
  command = plan

  variables {
    tags = { Team = "R&D" }
  }

  expect_failures = [var.tags]
}

run "takes_tags_of_every_script_and_47_of_them" {
  command = plan

  variables {
    tags = merge({ for number in range(46) : "tag${number}" => "" }, { "Équipe / 組 1" = "a.b:c/d=e+f-g@h_i" })
  }

  assert {
    condition     = length(local.tags) == 50
    error_message = "There are ${length(local.tags)} tags."
  }
}

run "rejects_more_tags_than_aws_takes" {
  command = plan

  variables {
    tags = { for number in range(48) : "tag${number}" => "" }
  }

  expect_failures = [var.tags]
}

# Lambda has 4,096 bytes for all settings of a function. The first of these two has room for no further origin.
run "takes_as_many_origins_as_lambda_has_room_for" {
  command = plan

  variables {
    lambda_package_path = "test/terraform/fixtures/lambda.zip"
    allowed_origins     = concat([for number in range(1000, 1129) : "https://${number}.example.com"], ["https://x.example.com"])
  }

  assert {
    condition     = local.environment_bytes <= 4096 && local.environment_bytes > 4096 - length("https://1000.example.com,")
    error_message = "The settings take ${local.environment_bytes} bytes."
  }
}

run "rejects_more_origins_than_lambda_has_room_for" {
  command = plan

  variables {
    lambda_package_path = "test/terraform/fixtures/lambda.zip"
    allowed_origins     = [for number in range(1000, 1200) : "https://${number}.example.com"]
  }

  expect_failures = [aws_lambda_function.signaling_server]
}

# Bytes and not characters: each of these has three, and each < one.
run "counts_the_bytes_of_the_settings" {
  command = plan

  variables {
    lambda_package_path = "test/terraform/fixtures/lambda.zip"
    auth_mode           = "jwt"
    jwt_issuer          = "https://id.example.com"
    jwt_audience        = ["<組>"]
  }

  assert {
    condition     = local.environment_bytes == length(local.environment_json) + 2 && strcontains(local.environment_json, "<組>")
    error_message = "The settings take ${local.environment_bytes} bytes: ${local.environment_json}"
  }
}
