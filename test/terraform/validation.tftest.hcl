# What the variables take and refuse. Each run sets one kind of value on every variable that it concerns.

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
    nearest_peers               = 1
    far_peers                   = 0
  }

  assert {
    condition     = aws_lambda_function.signaling.logging_config[0].application_log_level == "DEBUG"
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
    nearest_peers               = 16
    far_peers                   = 8
  }

  assert {
    condition     = length(aws_iam_role.signaling.name) == 64
    error_message = "A role's name may have 64 characters; this one has ${length(aws_iam_role.signaling.name)}."
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
  }

  assert {
    condition     = aws_lambda_function.signaling.function_name == "p2pmesh-signaling-prod" && aws_lambda_function.signaling.timeout == 30
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
  }

  expect_failures = [
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
    lambda_memory_size = 10241
    lambda_timeout     = 901
    log_retention_days = 3654
    nearest_peers      = 17
    far_peers          = 9
  }

  expect_failures = [
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
  }

  expect_failures = [
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

run "rejects_words_that_are_not_offered" {
  command = plan

  variables {
    stage                 = "production"
    lambda_runtime        = "python3.13"
    log_level             = "trace"
    duplicate_peer_policy = "ignore"
  }

  expect_failures = [var.stage, var.lambda_runtime, var.log_level, var.duplicate_peer_policy]
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
  }

  expect_failures = [
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
  }

  expect_failures = [
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

run "rejects_a_wildcard_anywhere_but_first" {
  command = plan

  variables {
    allowed_origins = ["https://app.*.example.com"]
  }

  expect_failures = [var.allowed_origins]
}
