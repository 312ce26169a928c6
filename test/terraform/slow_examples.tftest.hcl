# The module in other configurations: those in examples/, planned whole.

mock_provider "aws" {
  source = "./test/terraform/fixtures"
}

mock_provider "aws" {
  alias  = "america"
  source = "./test/terraform/fixtures"
}

mock_provider "aws" {
  alias  = "europe"
  source = "./test/terraform/fixtures"
}

run "minimal_plans_one_deployment" {
  command = plan

  module {
    source = "./examples/minimal"
  }
}

run "two_regions_plans_a_deployment_in_each" {
  command = plan

  module {
    source = "./examples/two-regions"
  }

  providers = {
    aws.america = aws.america
    aws.europe  = aws.europe
  }

  override_data {
    target = module.europe.data.aws_region.current
    values = { id = "eu-central-1" }
  }

  assert {
    condition     = keys(output.lambda_function_names) == ["eu-central-1", "us-east-1"]
    error_message = "There is not a function in each region; got ${jsonencode(keys(output.lambda_function_names))}."
  }
}

run "two_regions_lists_the_urls_for_the_client" {
  command = plan

  module {
    source = "./examples/two-regions"
  }

  providers = {
    aws.america = aws.america
    aws.europe  = aws.europe
  }

  override_module {
    target  = module.america
    outputs = { websocket_url = "wss://a.example.com", lambda_function_name = "a" }
  }

  override_module {
    target  = module.europe
    outputs = { websocket_url = "wss://b.example.com", lambda_function_name = "b" }
  }

  assert {
    condition     = jsonencode(output.regions) == jsonencode(["wss://a.example.com", "wss://b.example.com"])
    error_message = "The output is no list of URLs; got ${jsonencode(output.regions)}."
  }
}

run "two_regions_refuses_one_region_twice" {
  command = plan

  module {
    source = "./examples/two-regions"
  }

  providers = {
    aws.america = aws.america
    aws.europe  = aws.europe
  }

  variables {
    regions = { america = "eu-west-1", europe = "eu-west-1" }
  }

  expect_failures = [var.regions]
}

run "the_module_takes_for_each_and_depends_on" {
  command = plan

  module {
    source = "./test/terraform/fixtures/stages"
  }

  providers = {
    aws.america = aws.america
    aws.europe  = aws.europe
  }
}

run "production_plans_everything_that_can_be_switched_on" {
  command = plan

  module {
    source = "./examples/production"
  }

  variables {
    route53_zone_id = "Z0123456789ABCDEFGHIJ"
  }

  override_data {
    target = data.aws_availability_zones.available
    values = { names = ["us-east-1a", "us-east-1b"] }
  }
}

run "refuses_a_provider_of_another_region" {
  command = plan

  module {
    source = "./modules/signaling"
  }

  variables {
    lambda_package_path = "test/terraform/fixtures/lambda.zip"
  }

  override_data {
    target = data.aws_region.current
    values = { id = "eu-central-1" }
  }

  expect_failures = [aws_apigatewayv2_api.signaling]
}
