# Domain, bucket, versions, network and permissions: what each setting makes. defaults.tftest.hcl says that none is made
# without it.

mock_provider "aws" {
  source = "./test/terraform/fixtures"
}

variables {
  lambda_package_path = "test/terraform/fixtures/lambda.zip"
}

# First, because a mocked object keeps the version that it got once.
run "refuses_a_bucket_without_versions" {
  variables {
    artifact_bucket = "packages-without-versions"
  }

  override_resource {
    target = aws_s3_object.package
    values = { version_id = "" }
  }

  expect_failures = [aws_s3_object.package]
}

run "makes_a_domain_with_its_certificate_and_its_records" {
  variables {
    domain_name     = "signaling.example.com"
    route53_zone_id = "Z0123456789ABCDEFGHIJ"
    ip_address_type = "dualstack"
  }

  assert {
    condition = (
      aws_acm_certificate.signaling[0].domain_name == "signaling.example.com" &&
      aws_acm_certificate.signaling[0].validation_method == "DNS" &&
      aws_route53_record.validation[0].name == "_a1.signaling.example.com." &&
      aws_route53_record.validation[0].zone_id == "Z0123456789ABCDEFGHIJ" &&
      aws_acm_certificate_validation.signaling[0].validation_record_fqdns == toset([aws_route53_record.validation[0].fqdn]) &&
      aws_apigatewayv2_domain_name.signaling[0].domain_name_configuration[0].certificate_arn == aws_acm_certificate.signaling[0].arn
    )
    error_message = "The certificate is not made, validated and used."
  }

  assert {
    condition = (
      aws_apigatewayv2_domain_name.signaling[0].domain_name_configuration[0].endpoint_type == "REGIONAL" &&
      aws_apigatewayv2_domain_name.signaling[0].domain_name_configuration[0].ip_address_type == "dualstack" &&
      aws_apigatewayv2_api_mapping.signaling[0].stage == aws_apigatewayv2_stage.signaling.id &&
      aws_apigatewayv2_api_mapping.signaling[0].api_mapping_key == null &&
      keys(aws_route53_record.domain) == ["A", "AAAA"] &&
      alltrue([for record in aws_route53_record.domain : record.alias[0].name == "d-a1b2c3d4e5.execute-api.us-east-1.amazonaws.com"])
    )
    error_message = "The domain does not lead to the stage."
  }

  assert {
    condition = jsonencode([output.websocket_url, output.execute_api_url, output.domain_target.name, output.callback_endpoint]) == jsonencode([
      "wss://signaling.example.com",
      "wss://a1b2c3d4e5.execute-api.us-east-1.amazonaws.com/prod",
      "d-a1b2c3d4e5.execute-api.us-east-1.amazonaws.com",
      "https://a1b2c3d4e5.execute-api.us-east-1.amazonaws.com/prod", # never the domain with the stage
    ])
    error_message = "The URLs are ${jsonencode([output.websocket_url, output.execute_api_url, output.callback_endpoint])}."
  }
}

run "takes_a_certificate_and_turns_off_the_own_endpoint" {
  variables {
    domain_name                  = "signaling.example.com"
    certificate_arn              = "arn:aws:acm:us-east-1:123456789012:certificate/00000000-0000-0000-0000-00000000000c"
    disable_execute_api_endpoint = true
  }

  assert {
    condition = (
      length(aws_acm_certificate.signaling) == 0 && length(aws_route53_record.domain) == 0 &&
      aws_apigatewayv2_domain_name.signaling[0].domain_name_configuration[0].certificate_arn == var.certificate_arn
    )
    error_message = "A certificate or a record is made although one is given."
  }

  # The stage serves the setting with its next deployment.
  assert {
    condition = (
      aws_apigatewayv2_api.signaling.disable_execute_api_endpoint &&
      strcontains(aws_apigatewayv2_deployment.signaling.triggers["api.signaling"], "true") &&
      output.callback_endpoint == "https://signaling.example.com" && output.execute_api_url == null
    )
    error_message = "Callbacks go to ${output.callback_endpoint}."
  }
}

run "deploys_from_a_bucket_into_a_network_under_a_boundary" {
  variables {
    create_artifact_bucket         = true
    lambda_package_sha256          = "8A52F5D31244417BB7C02F8BF167A35C9596352B9B630C46AB52F08D99E91401"
    function_version               = "1"
    lambda_reserved_concurrency    = 5
    lambda_provisioned_concurrency = 5
    xray_tracing                   = true
    vpc_subnet_ids                 = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
    vpc_security_group_ids         = ["sg-0123456789abcdef0"]
    permissions_boundary           = "arn:aws:iam::123456789012:policy/boundaries/signaling"
    iam_role_path                  = "/signaling/"
    kms_key_arn                    = "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-000000000002"
  }

  assert {
    condition = (
      aws_s3_bucket.artifacts[0].bucket_prefix == "p2pmesh-signaling-prod-" && !aws_s3_bucket.artifacts[0].force_destroy &&
      aws_s3_bucket_versioning.artifacts[0].versioning_configuration[0].status == "Enabled" &&
      one(aws_s3_bucket_server_side_encryption_configuration.artifacts[0].rule).apply_server_side_encryption_by_default[0].kms_master_key_id == var.kms_key_arn &&
      aws_s3_bucket_public_access_block.artifacts[0].restrict_public_buckets &&
      aws_s3_bucket_public_access_block.artifacts[0].block_public_policy
    )
    error_message = "The bucket is not private, encrypted and with versions."
  }

  assert {
    condition = (
      aws_lambda_function.signaling_server.filename == null &&
      aws_lambda_function.signaling_server.s3_bucket == aws_s3_bucket.artifacts[0].id &&
      aws_lambda_function.signaling_server.s3_key == "p2pmesh-signaling-prod/lambda.zip" &&
      aws_lambda_function.signaling_server.s3_object_version == aws_s3_object.package[0].version_id &&
      aws_s3_object.package[0].source == "test/terraform/fixtures/lambda.zip" &&
      output.artifact_bucket_name == aws_s3_bucket.artifacts[0].id
    )
    error_message = "The function is to be deployed from one version of the object."
  }

  assert {
    condition = (
      aws_lambda_alias.live.function_version == "1" &&
      aws_lambda_provisioned_concurrency_config.live[0].qualifier == "live" &&
      aws_lambda_provisioned_concurrency_config.live[0].provisioned_concurrent_executions == 5 &&
      aws_lambda_function.signaling_server.tracing_config[0].mode == "Active" &&
      aws_lambda_function.signaling_server.vpc_config[0].subnet_ids == toset(var.vpc_subnet_ids) &&
      aws_lambda_function.signaling_server.vpc_config[0].security_group_ids == toset(var.vpc_security_group_ids) &&
      aws_iam_role.signaling.path == "/signaling/" && aws_iam_role.signaling.permissions_boundary == var.permissions_boundary
    )
    error_message = "Version, concurrency, traces, network, path or boundary differ."
  }

  # The permissions that come with the network and the traces, and no others.
  assert {
    condition = jsonencode({
      for statement in data.aws_iam_policy_document.signaling.statement :
      statement.sid => [coalesce(statement.effect, "Allow"), length(statement.actions), statement.resources]
      if !contains(["KeepPresence", "ReachConnections", "WriteLogs", "DecryptPresence", "DecryptEnvironment"], statement.sid)
      }) == jsonencode({
      KeepNetworkInterfaces = ["Allow", 4, ["arn:aws:ec2:us-east-1:123456789012:*/*"]]
      FindNetworkInterfaces = ["Allow", 2, ["*"]]
      LeaveNetworkToLambda  = ["Deny", 6, ["*"]]
      SendTraces            = ["Allow", 2, ["*"]]
    })
    error_message = "The function may ${jsonencode(data.aws_iam_policy_document.signaling.statement)}."
  }
}

run "deploys_from_a_bucket_that_is_given" {
  variables {
    artifact_bucket = "packages-of-the-company"
  }

  assert {
    condition = (
      length(aws_s3_bucket.artifacts) == 0 && aws_s3_object.package[0].bucket == "packages-of-the-company" &&
      aws_lambda_function.signaling_server.s3_bucket == "packages-of-the-company"
    )
    error_message = "The function comes from ${jsonencode(aws_lambda_function.signaling_server.s3_bucket)}."
  }
}

run "refuses_another_package_than_the_one_that_is_pinned" {
  command = plan

  variables {
    lambda_package_sha256 = "0000000000000000000000000000000000000000000000000000000000000000"
  }

  expect_failures = [aws_lambda_function.signaling_server]
}

run "warns_while_an_older_version_is_pinned" {
  variables {
    function_version = "3"
  }

  expect_failures = [check.newest_version_is_served]
}

run "notices_that_clients_are_served_by_another_version" {
  override_data {
    target = data.aws_lambda_function.served
    values = { code_sha256 = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" }
  }

  expect_failures = [data.aws_lambda_function.served]
}

run "notices_that_clients_are_served_by_other_settings" {
  command = plan

  override_data {
    target = data.aws_lambda_function.served
    values = {
      code_sha256 = "ilL10xJEQXu3wC+L8WejXJWWNSubYwxGq1LwjZnpFAE="
      environment = [{ variables = { LOG_LEVEL = "debug" } }]
    }
  }

  expect_failures = [data.aws_lambda_function.served]
}

run "refuses_forms_that_aws_would_refuse" {
  command = plan

  variables {
    certificate_arn                = "arn:aws:acm:eu-central-1:123456789012:certificate/00000000-0000-0000-0000-00000000000c"
    lambda_provisioned_concurrency = 0.5
    vpc_subnet_ids                 = ["subnet-0123456789abcdef0"]
    vpc_security_group_ids         = ["default"]
  }

  expect_failures = [
    var.certificate_arn,
    var.lambda_provisioned_concurrency,
    var.vpc_security_group_ids,
  ]
}

run "refuses_a_zone_without_a_domain" {
  command = plan

  variables {
    route53_zone_id = "Z0123456789ABCDEFGHIJ"
  }

  expect_failures = [var.domain_name]
}

run "refuses_a_url_as_a_domain" {
  command = plan

  variables {
    domain_name     = "wss://signaling.example.com"
    route53_zone_id = "Z0123456789ABCDEFGHIJ"
  }

  expect_failures = [var.domain_name]
}
